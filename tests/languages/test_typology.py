from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from massive_kit.languages import LanguageTable
from massive_kit.languages.typology.distances import KINDS, distance_tensor, distances
from massive_kit.languages.typology.table import AREAS, URIEL_FILE, Typology, TypologyTable
from massive_kit.languages.typology.text_sizes import cc100_gib

UNKNOWN_SOUNDS = {"phonological": "", "inventory": ""}


def language(syntax: str, families: set[int], place: tuple[float, float] = (0, 0)) -> Typology:
    texts = {"syntactic": syntax, **UNKNOWN_SOUNDS}
    return Typology("xxx", "", "X", "Latn", *place, frozenset(families), texts)


def test_distances_are_angles_between_what_both_have_known() -> None:
    first = language("1111100000..", {1, 2, 3, 4}, (0, 0))
    second = language("1111011000.1", {1}, (0, 90))
    [row] = distances(first, [second])
    by_kind = dict(zip(KINDS, row, strict=True))
    # Four shared of five and six; one node shared of four and one; a quarter of the globe.
    assert by_kind["syntactic"] == pytest.approx(2 / math.pi * math.acos(4 / math.sqrt(5 * 6)))
    assert by_kind["genetic"] == pytest.approx(2 / math.pi * math.acos(1 / 2))
    assert by_kind["geographic"] == pytest.approx(0.5)
    assert by_kind["featural"] == by_kind["syntactic"]
    assert np.isnan(by_kind["phonological"])


def test_few_shared_features_give_no_distance_and_an_isolate_is_related_to_none() -> None:
    [row] = distances(language("111......", {1}), [language("111111111", set())])
    by_kind = dict(zip(KINDS, row, strict=True))
    assert np.isnan(by_kind["syntactic"])
    assert by_kind["genetic"] == 1


def test_the_table_knows_each_locale_and_many_other_languages() -> None:
    table = TypologyTable.shipped()
    assert len(table.languages) > 2500
    missing = [code for code in LanguageTable.shipped().languages if table.get(code) is None]
    assert missing == []
    names = {given: table.get(given) for given in ("yo", "yor", "yo-NG", "Yoruba", "yoruba")}
    assert {known.code for known in names.values() if known} == {"yor"}
    assert None not in names.values()
    assert table.get("Klingon") is None
    # A macrolanguage's code means its usual member.
    assert [known.code for code in ("sw", "ar", "nb", "zh") if (known := table.get(code))] == [
        *("swh", "arb", "nob", "cmn")
    ]


def test_each_row_of_the_table_has_features_of_the_same_number() -> None:
    with URIEL_FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for area in AREAS:
        assert len({len(row[area]) for row in rows} - {0}) == 1
    assert {*"".join(row[area] for row in rows for area in AREAS)} == {*"01."}
    assert all(-90 <= float(row["latitude"]) <= 90 for row in rows)
    assert all(-180 <= float(row["longitude"]) <= 180 for row in rows)
    assert URIEL_FILE.stat().st_size < 1_000_000


def test_the_licence_of_the_table_stands_beside_it() -> None:
    folder = URIEL_FILE.parent
    assert "Attribution-ShareAlike 4.0" in (folder / "LICENSE.txt").read_text(encoding="utf-8")
    assert "URIEL+ 1.3.2" in (folder / "README.md").read_text(encoding="utf-8")


def test_related_and_near_languages_are_near() -> None:
    table = TypologyTable.shipped()
    languages = [known for code in ("sv", "nb", "fi", "ja") if (known := table.get(code))]
    tensor = distance_tensor(languages)
    assert tensor.shape == (4, 4, len(KINDS))
    assert (tensor[np.arange(4), np.arange(4)] == 0).all()
    genetic, geographic = tensor[..., 0], tensor[..., 1]
    assert genetic[0, 1] < genetic[0, 2] == 1
    assert geographic[0, 1] < geographic[0, 2] < geographic[0, 3]


@pytest.mark.parametrize(
    ("language", "gib"),
    [("zh-TW", 16.6), ("zh-CN", 46.9), ("nb-NO", 49.0), ("hi-Latn", 0.5), ("hi-IN", 20.2)],
)
def test_text_is_that_of_the_language_in_its_script(language: str, gib: float) -> None:
    assert cc100_gib(language) == gib


def test_a_language_without_text_has_none() -> None:
    assert cc100_gib("yo-NG") == 0
