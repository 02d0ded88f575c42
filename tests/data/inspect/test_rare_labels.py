"""A label that is a slip of the keyboard is pointed at; one that is meant is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.inspect.checks import check_store
from massive_kit.data.inspect.rare_labels import is_one_edit, rare_labels
from massive_kit.data.intake.importing import import_data


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("chek_balance", "check_balance"),
        ("check_balances", "check_balance"),
        ("check_balence", "check_balance"),
        ("chcek_balance", "check_balance"),
        ("Check_balance", "check_balance"),
    ],
)
def test_one_edit(left: str, right: str) -> None:
    assert is_one_edit(left, right)
    assert is_one_edit(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("line_1", "line_2"),
        ("line", "line2"),
        ("pay", "pay"),
        ("chek_balence", "check_balance"),
        ("form_time", "time_from"),
        ("chek_blaance", "check_balance"),
    ],
)
def test_more_than_one_edit(left: str, right: str) -> None:
    assert not is_one_edit(left, right)
    assert not is_one_edit(right, left)


def test_what_is_frequent_or_short_is_meant() -> None:
    counts = {"check": 50, "chek": 3, "cheks": 2, "to": 40, "go": 1}
    assert [*rare_labels("intents", counts)] == []


def test_slips_in_a_store_are_warnings(tmp_path: Path) -> None:
    labels = [("check_balance", "[account : all] now")] * 12
    labels += [("chek_balance", "[acount : all my] cash")]
    rows = [
        {
            "id": str(number),
            "locale": "en-US",
            "partition": "train",
            "annot_utt": annotated,
            "intent": intent,
        }
        for number, (intent, annotated) in enumerate(labels)
    ]
    source = tmp_path / "bank.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    report = check_store(import_data(source, tmp_path / "store", name="bank"))
    assert report.ok
    warnings = [(problem.where, problem.found) for problem in report.problems]
    assert ("intents", "chek_balance (1 row): did you mean check_balance (12 rows)?") in warnings
    assert ("slots", "acount (1 row): did you mean account (12 rows)?") in warnings
