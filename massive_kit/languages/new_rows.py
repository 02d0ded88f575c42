"""Rows of the language table for languages that it lacks, from the other shipped tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from massive_kit.files.atomic import atomic_file
from massive_kit.languages.language import DIRECTIONS, SPACINGS, UNITS, Language
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.table import LanguageTable
from massive_kit.languages.typology.table import TypologyTable
from massive_kit.languages.world.table import WorldTable

COLUMNS = (
    *("locale", "language", "autonym", "script", "script_name", "direction", "family", "genus"),
    *("iso639_3", "scoring_unit", "spacing", "source"),
)
_RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
)
# Whether annotators made the spaces, only who made the data can tell.
_WRITTEN_WITHOUT_SPACES = frozenset({"Khmr", "Lana", "Laoo", "Mymr", "Thai", "Tibt"})
_SOURCE = "massive-kit's table of the world's languages (Glottolog, CLDR)"
_TYPOLOGY = "massive-kit's table of typology (URIEL+, CLDR)"


def new_row(locale: str, table: LanguageTable, world: WorldTable) -> Language:
    """What the package knows of a locale that the language table lacks, as a row of it.

    Families are called as the language table calls them where it has a language of the family, so
    that groups hold together. What is not known has no key: the name in the language itself, and
    family and genus where the world's table lacks the language, as it does invented ones.

    Args:
        locale: In its canonical form.
        table: The language table.
        world: The world's languages.
    """
    tag, place = read_tag(locale), world.find(locale)
    typology = TypologyTable.shipped().get(locale) if place is None else None
    usual = place.script if place else typology.script if typology else ""
    script = (tag.script if tag else "") or usual
    language = Language(locale)
    by_character = language.character_scored
    facts = {
        "script": script,
        "script_name": _script_name(script, table),
        "direction": DIRECTIONS[script in _RIGHT_TO_LEFT] if script else "",
        "scoring_unit": UNITS[by_character],
    }
    if by_character:
        facts["spacing"] = SPACINGS[-1]
    elif script and script not in _WRITTEN_WITHOUT_SPACES:
        facts["spacing"] = SPACINGS[0]
    if place is not None:
        facts |= {
            "language": place.name,
            "family": _family(place.family, table, world),
            "genus": place.genus,
            "iso639_3": place.code,
            "source": _SOURCE,
        }
    elif typology is not None:
        facts |= {"language": typology.name, "iso639_3": typology.code, "source": _TYPOLOGY}
    return Language(locale, {name: facts[name] for name in COLUMNS if facts.get(name)})


def add_rows(path: Path, rows: Sequence[Language]) -> tuple[str, ...]:
    """Writes rows to a table of one's own; those that it has already stay as they are.

    Args:
        path: A CSV, which may be there or not. Its further columns are kept.
        rows: Rows to add.

    Returns:
        The locales that were added.

    Raises:
        ConfigError: The file is no language table; every mistake is told.
    """
    kept_rows: list[dict[str, str]] = []
    header: list[str] = []
    known: frozenset[str] = frozenset()
    if path.is_file():
        own = LanguageTable.load(path)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            header, kept_rows = [*(reader.fieldnames or ())], [*reader]
        known = frozenset(own.match(row["locale"]).locale for row in kept_rows)
    added = [row for row in rows if row.locale not in known]
    columns = [*header, *(name for name in COLUMNS if name not in header)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept_rows)
    writer.writerows({"locale": row.locale, **row.facts} for row in added)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as stream:
        stream.write(text.getvalue().encode())
    return tuple(row.locale for row in added)


def _script_name(script: str, table: LanguageTable) -> str:
    rows = table.languages.values()
    return next(
        (row.facts.get("script_name", "") for row in rows if row.get("script") == script), ""
    )


def _family(name: str, table: LanguageTable, world: WorldTable) -> str:
    for row in table.languages.values():
        place = world.find(row.locale)
        if place is not None and place.family == name:
            return row.get("family") or name
    return name
