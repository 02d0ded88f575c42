from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from massive_kit.publish import paths
from massive_kit.publish.svg import Axis, badge
from massive_kit.publish.tables import (
    BoardCell,
    BoardColumn,
    BoardRow,
    BoardTable,
    rows_html,
    to_csv,
    to_json,
)
from massive_kit.publish.text import csv_text, latex, safe_link, safe_text

FORMULA_STARTS = tuple("=+-@|%\t\r\uff1d\uff0b\uff0d\uff20")


@given(st.text())
def test_nothing_unseen_gets_through(text: str) -> None:
    shown = safe_text(text)
    left = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert left <= {"\u200c", "\u200d"}
    assert safe_text(shown) == shown


def test_bidi_controls_are_spelled_out() -> None:
    assert safe_text("a\u202eb\u2066c") == "a\\u202eb\\u2066c"


@pytest.mark.parametrize("text", ["می\u200cروم", "क\u200dष", "ខ្មែរ", "日本語", "naïve"])
def test_scripts_keep_their_characters(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://",
        "https://massive.org@evil.example/",
        "https://evil.example\\@massive.org",
        "https://example.org/\u202e",
        "https://ex\u0430mple.org",
        'https://x"onclick="y',
        "https://[",
        "",
        None,
    ],
)
def test_unsafe_links_become_text(url: str | None) -> None:
    assert safe_link(url) is None


def test_safe_links_stay() -> None:
    assert safe_link("https://aclanthology.org/2023.acl-long.235/") is not None


@given(st.text())
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    assert not csv_text(text).lstrip(" ").startswith(FORMULA_STARTS)


@pytest.mark.parametrize("text", ["=1+1", "  =1+1", "\t=1", "\uff1dcmd", "@SUM(A1)", "-2+3", "+1"])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert csv_text(text).startswith("'")


def table_of(values: list[str]) -> BoardTable:
    rows = [
        BoardRow([BoardCell(Markup("{}").format(v), (v,), v), BoardCell(Markup("1"), (1.5,), 1.5)])
        for v in values
    ]
    columns = [
        BoardColumn("name", "Name", "head", ("name",)),
        BoardColumn("score", "Score", "number", ("score",)),
    ]
    return BoardTable("t", "Caption", columns, rows)


@given(st.lists(st.text(min_size=1), max_size=5))
def test_csv_holds_a_line_a_row(values: list[str]) -> None:
    lines = list(csv.reader(io.StringIO(to_csv(table_of(values)), newline="")))
    assert lines[0] == ["name", "score"]
    assert [line[1] for line in lines[1:]] == ["1.5"] * len(values)
    assert len(lines) == len(values) + 1


@given(st.text(min_size=1))
def test_rows_hold_no_markup_of_their_values(text: str) -> None:
    html = rows_html(table_of([f"<b>{text}\"'"]))
    assert "<b>" not in html
    assert html.count("<tr") == 1
    assert "<b>" not in to_json(table_of([text]))


@given(st.text(max_size=60), st.text(max_size=60))
def test_groups_share_no_file(first: str, second: str) -> None:
    if first != second:
        assert paths.group_page("genus", first) != paths.group_page("genus", second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Han", "han"),
        ("Niger-Congo", "Niger Congo"),
        ("Southern Dravidian", "Southern-Dravidian"),
        ("South-Central Dravidian", "South Central Dravidian"),
        ("Na Dene", "Na-Dene"),
        ("none", "None"),
        ("Aa" + "a" * 45, "Aa" + "a" * 46),
    ],
)
def test_similar_groups_share_no_file(first: str, second: str) -> None:
    assert paths.group_page("genus", first) != paths.group_page("genus", second)


@pytest.mark.parametrize(
    ("by", "name", "page"),
    [
        ("family", "Niger-Congo", "groups/family/niger-congo.html"),
        ("genus", "Greater Central Philippine", "groups/genus/greater-central-philippine.html"),
        ("genus", "South-Central Dravidian", "groups/genus/south-central-dravidian.html"),
        ("script", "Latn", "groups/script/latn.html"),
        ("spacing", "none", "groups/spacing/none.html"),
    ],
)
def test_addresses_of_shipped_groups_stay(by: str, name: str, page: str) -> None:
    assert paths.group_page(by, name) == page


@given(st.text(max_size=60))
def test_names_of_files_stay_in_their_folder(text: str) -> None:
    for name in (paths.locale_name(text), paths.group_name(text), paths.task_name(text)):
        assert "/" not in name
        assert "\\" not in name
        assert not name.startswith(".")
        assert name.isascii()


@given(st.lists(st.floats(0, 1), min_size=1))
def test_axis_holds_all_values(values: list[float]) -> None:
    axis = Axis.over(values)
    assert axis.low <= min(values) + 1e-6
    assert axis.high >= max(values) - 1e-6
    assert 0 <= axis.low < axis.high <= 1.0001


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_signed_axis_has_zero_in_the_middle(values: list[float]) -> None:
    axis = Axis.over(values, signed=True)
    assert axis.low == -axis.high
    assert axis.high >= max(map(abs, values))


def test_badge_is_text() -> None:
    drawn = badge("<script>", 'a" onload="x')
    assert "<script>" not in drawn
    assert 'onload="' not in drawn


def test_latex_is_escaped() -> None:
    assert latex("a_b & 50 %} \\input{x}") == (r"a\_b \& 50 \%\} \textbackslash{}input\{x\}")
