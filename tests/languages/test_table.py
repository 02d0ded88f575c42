"""The language table and its groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.errors import ConfigError, MissingDataError, UsageError
from massive_kit.languages import LanguageTable, groups


@pytest.fixture
def table() -> LanguageTable:
    return LanguageTable.shipped()


@pytest.fixture
def paper(table: LanguageTable) -> list[str]:
    return table.select("in_massive_1.0=yes", table.languages)


@pytest.mark.parametrize(
    ("by", "count"), [("genus", 29), ("family", 14), ("script", 21), ("subdivision", 28)]
)
def test_counts_of_the_paper(table: LanguageTable, paper: list[str], by: str, count: int) -> None:
    assert len(paper) == 51
    assert len(groups(table, by, paper)) == count


def test_word_order(table: LanguageTable, paper: list[str]) -> None:
    sizes = {g.name: len(g.locales) for g in groups(table, "word_order", paper)}
    assert sizes == {"SVO": 24, "SOV": 15, "no dominant order": 5, "VSO": 3, "no data": 4}


def test_none_is_a_value_and_empty_is_no_data(table: LanguageTable, paper: list[str]) -> None:
    sizes = {g.name: len(g.locales) for g in groups(table, "politeness", paper)}
    assert sizes == {"binary": 21, "no data": 11, "multiple": 8, "avoidance": 7, "none": 4}
    assert table["he-IL"].get("politeness") == "none"
    assert table["af-ZA"].get("politeness") is None


def test_twenty_genera_are_one_language(table: LanguageTable, paper: list[str]) -> None:
    assert sum(g.singleton for g in groups(table, "genus", paper)) == 20


def test_alias(table: LanguageTable) -> None:
    assert table["sl-SI"].locale == "sl-SL"
    assert "sl-SI" in table


def test_scripts_and_spacing(table: LanguageTable) -> None:
    characters = [x for x, language in table.languages.items() if language.character_scored]
    artificial = [x for x, language in table.languages.items() if language.artificial_spacing]
    right_to_left = [x for x, language in table.languages.items() if language.right_to_left]
    assert characters == ["ja-JP", "zh-CN", "zh-TW"]
    assert artificial == ["km-KH", "my-MM", "th-TH"]
    assert right_to_left == ["ar-SA", "fa-IR", "he-IL", "ur-PK"]


def test_every_language_has_its_own_name(table: LanguageTable) -> None:
    assert all(language.facts.get("autonym") for language in table.languages.values())


def test_grouping_by_a_name_is_refused(table: LanguageTable) -> None:
    with pytest.raises(UsageError, match=r"columns to group by: .*genus"):
        groups(table, "autonym", ["de-DE"])


def test_own_rows_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("locale,genus,speakers\nkk-KZ,Turkic,many\nde-BA,-,\n", encoding="utf-8")
    table = LanguageTable.load(path)
    assert table["kk-KZ"].get("speakers") == "many"
    assert table["de-BA"].get("genus") is None
    assert {g.name for g in groups(table, "speakers", ["kk-KZ", "en-US"])} == {"many", "no data"}


def test_all_mistakes_of_a_table_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("locale,genus\nkk-KZ\n,Turkic\nde-BA,x\nde-BA,y\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        LanguageTable.load(path)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 5]


def test_a_table_that_is_not_there_is_told_with_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(
        MissingDataError, match=r"own\.csv not found; `massive-kit languages LOCALE"
    ):
        LanguageTable.load(tmp_path / "own.csv")


def test_what_is_read_of_a_row_has_to_be_readable(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "locale,script,direction,spacing,scoring_unit\n"
        "kk-KZ,Cyrillic,ltr,natural,letter\nha-NG,Latn,left to right,-,word\nyo-NG,,,none,\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        LanguageTable.load(path)
    assert [(problem.line, problem.found) for problem in caught.value.problems] == [
        (2, "scoring_unit 'letter'"),
        (2, "direction 'ltr'"),
        (2, "script 'Cyrillic'"),
    ]
