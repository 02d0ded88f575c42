"""Rows for languages that the table lacks, and the file that they are added to."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import ConfigError
from massive_kit.languages import Language, LanguageTable
from massive_kit.languages.new_rows import add_rows, new_row
from massive_kit.languages.world.table import WorldTable


def row(locale: str) -> Language:
    return new_row(locale, LanguageTable.shipped(), WorldTable.shipped())


def test_what_is_known_is_filled_in_and_the_rest_is_missing() -> None:
    hausa = row("ha-NG")
    assert (hausa.name, hausa.get("genus"), hausa.get("script")) == ("Hausa", "West Chadic", "Latn")
    assert (hausa.get("iso639_3"), hausa.get("spacing")) == ("hau", "natural")
    assert hausa.get("autonym") is None
    divehi = row("dv-MV")
    assert (divehi.get("script"), divehi.right_to_left) == ("Thaa", True)
    assert row("ha-Arab-NG").right_to_left


def test_a_family_is_called_as_the_table_calls_it() -> None:
    assert row("yo-NG").get("family") == LanguageTable.shipped()["sw-KE"].get("family")


def test_who_made_the_spaces_is_left_to_whoever_knows() -> None:
    assert row("lo-LA").get("spacing") is None
    cantonese = row("yue-HK")
    assert (cantonese.character_scored, cantonese.get("spacing")) == (True, "none")


def test_an_invented_language_has_a_name_and_no_family() -> None:
    esperanto = row("eo-001")
    assert (esperanto.name, esperanto.get("script")) == ("Esperanto", "Latn")
    assert esperanto.get("family") is None
    assert row("qaa").facts == {"scoring_unit": "word"}


def test_rows_are_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("locale,genus,dialects\nha_NG,Chadic,many\n", encoding="utf-8")
    assert add_rows(path, [row("ha-NG"), row("yo-NG")]) == ("yo-NG",)
    table = LanguageTable.load(path)
    assert (table["ha-NG"].get("genus"), table["ha-NG"].get("dialects")) == ("Chadic", "many")
    assert table["yo-NG"].facts == row("yo-NG").facts
    with path.open(encoding="utf-8", newline="") as stream:
        assert [line["locale"] for line in csv.DictReader(stream)] == ["ha_NG", "yo-NG"]
    path.write_text("locale,script\nx1,Latin\nx1,Latn\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        add_rows(path, [row("yo-NG")])


def test_the_command_writes_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    named = ["languages", "ha-NG", "sw_KE", "--out", str(path)]
    done = CliRunner().invoke(app, named, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for part in ("West Chadic", "42,826,888", "syntactic 94", "in the table already: sw-KE"):
        assert part in done.output
    assert LanguageTable.load(path)["ha"].name == "Hausa"
    wrong = CliRunner().invoke(app, ["languages", "!", "??"])
    assert "'!' is not a locale code; '??' is not a locale code" in str(wrong.exception)
