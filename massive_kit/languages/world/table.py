"""The table of the world's languages, and which of them a locale is of."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from massive_kit.languages.subtags import read_tag
from massive_kit.languages.world.areas import macro_area

_FOLDER = Path(__file__).parent
SPEAKERS_SOURCE = "Unicode CLDR 48.2"
# What languages can be grouped by here, with what it is called.
GROUPINGS = {
    "area": "area",
    "family": "family",
    "genus": "genus or branch",
    "script": "script",
}


@dataclass(frozen=True, slots=True)
class WorldLanguage:
    """A living language.

    Attributes:
        code: ISO 639-3.
        name: In English.
        family: After Glottolog; "" for pidgins, mixed languages and what is not classified.
        genus: The genus after WALS where MASSIVE has a language of it, else the largest branch of
            Glottolog's tree with 80 languages at most; "" where there is no family.
        latitude: Of one point, in degrees north.
        longitude: Of one point, in degrees east.
        script: ISO 15924, the usual one; "" where it is not known.
        speakers: Its users, those of it as a second language too; `None` where nobody counted.
    """

    code: str
    name: str
    family: str
    genus: str
    latitude: float
    longitude: float
    script: str
    speakers: int | None

    @property
    def area(self) -> str:
        """The part of the world, as Glottolog parts it."""
        return macro_area(self.latitude, self.longitude)

    def group(self, by: str) -> str:
        """Its group by one of `GROUPINGS`; "" where it is in none."""
        value: str = getattr(self, by)
        return value


@dataclass(frozen=True, slots=True)
class WorldTable:
    """The world's living languages that have a code and a place, by code."""

    languages: Mapping[str, WorldLanguage]
    _codes: Mapping[str, str]

    @classmethod
    def shipped(cls) -> WorldTable:
        """The table that came along: 6,723 languages after Glottolog and CLDR."""
        return _shipped()

    def __iter__(self) -> Iterator[WorldLanguage]:
        return iter(self.languages.values())

    def find(self, locale: str) -> WorldLanguage | None:
        """The language of a locale or of a code of a language; `None` where there is none here.

        A macrolanguage is the member that CLDR takes for it: `ar` is Standard Arabic.
        """
        tag = read_tag(locale)
        return self.languages.get(self._codes.get(tag.language, "")) if tag else None


@cache
def _shipped() -> WorldTable:
    with (_FOLDER / "groups.csv").open(encoding="utf-8", newline="") as stream:
        groups = {row["group"]: row for row in csv.DictReader(stream)}
    languages: dict[str, WorldLanguage] = {}
    codes: dict[str, str] = {}
    with (_FOLDER / "languages.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            group, code = groups[row["group"]], row["code"]
            codes |= dict.fromkeys((code, *row["tag"].split()), code)
            languages[code] = WorldLanguage(
                code,
                row["name"],
                group["family"],
                group["branch"] if group["family"] else "",
                float(row["latitude"]),
                float(row["longitude"]),
                row["script"],
                int(row["speakers"]) if row["speakers"] else None,
            )
    return WorldTable(languages, codes)
