"""The shipped table of typological features; sources and licence stand in the folder's README."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages.subtags import read_tag

URIEL_FILE = Path(__file__).with_name("uriel.csv")
FAMILIES_FILE = Path(__file__).with_name("families.csv")
# Areas of features, with the beginning of their names in URIEL.
AREAS = {"syntactic": "S_", "phonological": "P_", "inventory": "INV_"}
COLUMNS = (
    *("code", "macrolanguage", "name", "script", "latitude", "longitude", "families"),
    *AREAS,
)
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Typology:
    """What is known of a language.

    Attributes:
        code: ISO 639-3.
        macrolanguage: The code of the macrolanguage that is mostly this language, or "".
        name: English name.
        script: Its usual script, ISO 15924.
        latitude: In degrees.
        longitude: In degrees.
        families: Numbers of the nodes of the family tree above it; none of an isolate.
        texts: By area, its features: `1` for one that it has, `0` for one that it lacks, `.` for
            unknown; empty where none of the area is known.
    """

    code: str
    macrolanguage: str
    name: str
    script: str
    latitude: float
    longitude: float
    families: frozenset[int]
    texts: Mapping[str, str]

    def features(self, area: str) -> NDArray[np.int8]:
        """The features of an area: 1, 0, or -1 for unknown; empty where none is known."""
        return _values(self.texts[area])

    @property
    def known(self) -> dict[str, int]:
        """How many features of each area are known."""
        return {area: len(text) - text.count(".") for area, text in self.texts.items()}


@dataclass(frozen=True, slots=True)
class TypologyTable:
    """All languages of the table, by code.

    Attributes:
        languages: By ISO 639-3 code.
        codes: Other codes of each, with that of the table: `sw`, `swa` -> `swh`.
        names: English name in small letters -> code.
    """

    languages: Mapping[str, Typology]
    codes: Mapping[str, str]
    names: Mapping[str, str]

    @classmethod
    def shipped(cls) -> TypologyTable:
        """The table that comes with the package."""
        return _shipped()

    def get(self, language: str) -> Typology | None:
        """The language of a locale, a code or an English name; `None` where it is not known."""
        tag = read_tag(language)
        code = self.codes.get(tag.language) if tag else None
        code = code or self.names.get(language.strip().lower())
        return self.languages[code] if code else None


@cache
def _shipped() -> TypologyTable:
    languages: dict[str, Typology] = {}
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    with URIEL_FILE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            code = row["code"]
            languages[code] = _language(row)
            names.setdefault(row["name"].lower(), code)
            for other in (row["macrolanguage"], code):
                tag = read_tag(other) if other else None
                if tag is not None:
                    codes[tag.language] = code
    return TypologyTable(languages, codes, names)


def _language(row: Mapping[str, str]) -> Typology:
    return Typology(
        row["code"],
        row["macrolanguage"],
        row["name"],
        row["script"],
        float(row["latitude"]),
        float(row["longitude"]),
        frozenset(map(int, row["families"].split())),
        {area: row[area] for area in AREAS},
    )


@lru_cache(4096)
def _values(text: str) -> NDArray[np.int8]:
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    return np.where(signs == ord("."), UNKNOWN, signs.astype(np.int8) - ord("0")).astype(np.int8)
