"""Tables as Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io

import orjson
import pytest

from massive_kit.breakdown.rendering import latex, markdown, to_csv, to_json
from massive_kit.breakdown.tables import Table, columns
from massive_kit.schema.scores import Difference, Estimate

TABLE = Table(
    "things",
    "Things & more",
    columns("name_1", numbers=[("n", "n"), ("f1", "slot F1"), ("gap", "gap"), ("p", "p")]),
    (
        ("50 % | a_b", 1234, Estimate(value=0.5, low=0.4, high=0.6), None, 0.0001),
        ("x †", 1, Estimate(value=1 / 3), Difference(value=-0.25, low=-0.3, high=0.1), 12.5),
    ),
    ("A note.",),
)


def test_markdown_escapes_bars_and_keeps_the_notes() -> None:
    lines = markdown([TABLE]).splitlines()
    assert lines[0] == "### Things & more"
    assert lines[2] == "| name_1 | n | slot F1 | gap | p |"
    assert lines[3] == "| :--- | ---: | ---: | ---: | ---: |"
    assert lines[4] == r"| 50 % \| a_b | 1,234 | 50.0 [40.0, 60.0] | - | 0.0001 |"
    assert lines[5] == "| x † | 1 | 33.3 | -25.0 [-30.0, +10.0] | 12.5 |"
    assert lines[-1] == "A note."


def test_latex_is_booktabs_with_everything_escaped() -> None:
    text = latex([TABLE])
    for part in (r"\toprule", r"\midrule", r"\bottomrule", r"\begin{tabular}{lrrrr}"):
        assert part in text
    assert r"\caption{Things \& more. A note.}" in text
    assert r"50 \% | a\_b & 1,234 & 50.0 {\scriptsize [40.0, 60.0]} & - & 0.0001 \\" in text
    assert r"x $\dagger$ & 1 & 33.3 & $-$25.0 {\scriptsize [$-$30.0, $+$10.0]} & 12.5 \\" in text


def test_a_column_with_decimals_keeps_them_and_has_no_negative_zero() -> None:
    shares = [("length", "length")]
    table = Table("t", "T", columns(numbers=shares, decimals=2), ((1.0,), (0.63,), (-0.001,), (7,)))
    assert markdown([table]).splitlines()[4:] == ["| 1.00 |", "| 0.63 |", "| 0.00 |", "| 7 |"]
    assert "  1.00 \\\\" in latex([table])
    assert "-0.001" in to_csv([table])


def test_csv_has_a_column_for_each_end_and_full_precision() -> None:
    header, first, second = csv.reader(io.StringIO(to_csv([TABLE])))
    assert header == [
        *["name_1", "n"],
        *["f1", "f1_low", "f1_high"],
        *["gap", "gap_low", "gap_high"],
        "p",
    ]
    assert first == ["50 % | a_b", "1234", "0.5", "0.4", "0.6", "", "", "", "0.0001"]
    assert float(second[2]) == 1 / 3


def test_json_holds_values_and_intervals() -> None:
    value = orjson.loads(to_json([TABLE]))["things"]
    assert value["title"] == "Things & more"
    assert value["rows"][0]["f1"] == {"value": 0.5, "low": 0.4, "high": 0.6}
    assert value["rows"][1]["gap"]["value"] == -0.25
    assert value["notes"] == ["A note."]


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        ((0.012, 0.003, 0.02), "+1.2 [+0.3, +2.0]"),
        ((0.0003, 0.0001, 0.0006), "+0.03 [+0.01, +0.06]"),
        ((-0.0021, -0.004, -0.00002), "-0.210 [-0.400, -0.002]"),
        ((0.0001, -0.0002, 0.0003), "+0.0 [-0.0, +0.0]"),
        ((0.0, 0.0, 0.0), "+0.0 [+0.0, +0.0]"),
    ],
)
def test_a_small_difference_is_shown_as_not_zero_where_its_interval_leaves_zero_out(
    difference: tuple[float, float, float], shown: str
) -> None:
    value, low, high = difference
    row = (Difference(value=value, low=low, high=high),)
    table = Table("t", "T", columns(numbers=[("gap", "gap")]), (row,))
    assert markdown([table]).splitlines()[4] == f"| {shown} |"
