from __future__ import annotations

import ast
from pathlib import Path

import pytest

import massive_kit
from massive_kit.languages import LanguageTable
from massive_kit.languages.world.areas import AREAS, macro_area
from massive_kit.languages.world.table import GROUPINGS, WorldTable

PACKAGE = Path(massive_kit.__file__).parent


@pytest.mark.parametrize(
    ("place", "latitude", "longitude", "area"),
    [
        ("Nairobi", -1.3, 36.8, "Africa"),
        ("Cairo", 30.0, 31.2, "Africa"),
        ("Antananarivo", -18.9, 47.5, "Africa"),
        ("Praia", 14.9, -23.5, "Africa"),
        ("Algiers", 36.8, 3.1, "Africa"),
        ("Granada", 37.2, -3.6, "Eurasia"),
        ("Valletta", 35.9, 14.5, "Eurasia"),
        ("Sanaa", 15.4, 44.2, "Eurasia"),
        ("Singapore", 1.3, 103.8, "Eurasia"),
        ("Medan", 3.6, 98.7, "Papunesia"),
        ("Naha", 26.2, 127.7, "Eurasia"),
        ("Taipei", 25.0, 121.5, "Papunesia"),
        ("Honolulu", 21.3, -157.9, "Papunesia"),
        ("Hanga Roa", -27.2, -109.4, "Papunesia"),
        ("Port Moresby", -9.4, 147.2, "Papunesia"),
        ("Darwin", -12.5, 130.8, "Australia"),
        ("Nuuk", 64.2, -51.7, "North America"),
        ("Panama", 9.0, -79.5, "North America"),
        ("Bogotá", 4.7, -74.1, "South America"),
    ],
)
def test_a_place_is_in_an_area(place: str, latitude: float, longitude: float, area: str) -> None:
    assert macro_area(latitude, longitude) == area, place


def test_the_genera_of_massive_are_those_of_its_language_table() -> None:
    world, table = WorldTable.shipped(), LanguageTable.shipped()
    for locale, row in table.languages.items():
        language = world.find(locale)
        assert language is not None
        assert language.genus == row.get("genus"), locale
        assert language.speakers is not None, locale


def test_locales_are_of_the_member_that_stands_for_a_macrolanguage() -> None:
    world = WorldTable.shipped()
    pairs = {"ar-SA": "arb", "zh_TW": "cmn", "no": "nob", "yor": "yor", "yo-NG": "yor", "tl": "tgl"}
    assert {code: getattr(world.find(code), "code", "") for code in pairs} == pairs
    assert world.find("xx-YY") is None
    assert world.find("not a locale") is None


def test_the_table_is_of_living_languages_with_a_place() -> None:
    world = WorldTable.shipped()
    # As many as CLDR 48 and Glottolog 5 know; ours differ where the making script says so.
    assert len(world.languages) == 6723
    assert sum(1 for language in world if language.speakers) == 703
    assert {language.area for language in world} == {*AREAS}
    assert len({language.family for language in world} - {""}) == 332
    assert len({language.genus for language in world} - {""}) == 527
    assert all(language.group(by) is not None for language in world for by in GROUPINGS)
    assert not world.languages.keys() & {"lat", "epo", "ase"}


def test_nothing_imports_what_makes_the_tables() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if "making" not in path.name]
    for path in modules:
        text = path.read_text("utf-8")
        if "making" not in text:
            continue
        imported = [
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        ]
        assert [name for name in imported if name.endswith(("land.making", "world.making"))] == []


def test_origin_and_licence_lie_beside_the_data() -> None:
    for folder in ("languages/world", "drawing/land"):
        assert "licence" in (PACKAGE / folder / "LICENCE.md").read_text("utf-8")
    assert "UNICODE LICENSE V3" in (
        PACKAGE / "languages" / "world" / "UNICODE-LICENSE.txt"
    ).read_text("utf-8")
