"""The language table: one row per locale, from `languages.csv` and a user's own CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.languages.language import DIRECTIONS, SPACINGS, UNITS, Language
from massive_kit.languages.lookup import LocaleMatch, match_locale
from massive_kit.languages.subtags import read_tag

_SHIPPED = Path(__file__).with_name("languages.csv")
# Spellings that a table remembers; no corpus has a tenth of it.
_REMEMBERED = 4096
_SHOWN = 40
# What is read of a row, not only shown, and so has to be one of few values.
_CLOSED = {"scoring_unit": UNITS, "direction": DIRECTIONS, "spacing": SPACINGS}
_SCRIPT = re.compile(r"[A-Z][a-z]{3}")


@dataclass(frozen=True, slots=True)
class LanguageTable:
    """All languages known, in the order of the file."""

    columns: tuple[str, ...]
    languages: Mapping[str, Language]
    _matches: dict[str, LocaleMatch] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def shipped(cls) -> LanguageTable:
        """The 52 locales of MASSIVE 1.1."""
        return _shipped()

    @classmethod
    def load(cls, extra: Path | None = None) -> LanguageTable:
        """The shipped table, with the rows of a user's CSV on top.

        The CSV needs the column `locale`; it may leave out columns and add its own, which then
        group and break down like any other. Empty cells (and `-`) are missing data; columns that
        the CSV leaves out stay as they are shipped. A row for `pt_PT` is one for pt-PT; a row for a
        language alone (`ja`) is for a locale of that name.

        Raises:
            MissingDataError: There is no such file.
            ConfigError: The CSV is wrong; every mistake is reported.
        """
        table = _shipped()
        if extra is None:
            return table
        columns, rows = _read(extra)
        more = [column for column in columns if column not in table.columns]
        languages = dict(table.languages)
        for locale, row in rows.items():
            shipped = languages.get(locale, row).facts
            kept = {name: value for name, value in shipped.items() if name not in columns}
            languages[locale] = Language(locale, {**kept, **row.facts})
        return cls((*table.columns, *more), languages)

    def __getitem__(self, locale: str) -> Language:
        """The row of a locale, however it is spelled; one not in the table has no facts."""
        row = self.languages.get(locale)
        if row is None:
            locale = self.match(locale).locale
            row = self.languages.get(locale)
        return row or Language(locale)

    def __contains__(self, locale: str) -> bool:
        return locale in self.languages or self.match(locale).known

    def match(self, given: str, among: Iterable[str] | None = None) -> LocaleMatch:
        """Which locale somebody means.

        Args:
            given: A locale, as somebody spelled it.
            among: The locales that it can be; by default those of the table.
        """
        if among is not None:
            return match_locale(given, {code: self[code] for code in among})
        match = self._matches.get(given)
        if match is None:
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            match = self._matches[given] = match_locale(given, self.languages)
        return match

    def find(self, given: Iterable[str], among: Iterable[str], where: str) -> tuple[str, ...]:
        """The locales that somebody means, each once.

        Args:
            given: Locales, as somebody spelled them.
            among: The locales that they can be.
            where: What has those, such as `the store 1.1`, for the message.

        Raises:
            MissingDataError: One of them, or more, is none of those.
        """
        there = [*among]
        matches = {locale: self.match(locale, there) for locale in given}
        missing = {locale: match.hint for locale, match in matches.items() if not match.known}
        if missing:
            hints = [hint for hint in missing.values() if hint]
            more = hints or [f"it has {', '.join(there)}"]
            words = ", ".join(repr(locale[:_SHOWN]) for locale in missing)
            raise MissingDataError(f"{where} has no locale {words}; {' '.join(more)}")
        return tuple(dict.fromkeys(match.locale for match in matches.values()))

    def select(self, entry: str, among: Iterable[str]) -> list[str]:
        """Those locales of `among` that an entry of a task means: a locale, or `column=value`.

        Raises:
            KeyError: No such column.
        """
        column, equals, value = entry.partition("=")
        if not equals:
            match = self.match(entry, among)
            return [match.locale] if match.known else []
        if column not in self.columns:
            raise KeyError(column)
        return [locale for locale in among if self[locale].get(column) == value]


@cache
def _shipped() -> LanguageTable:
    columns, rows = _read(_SHIPPED)
    return LanguageTable(tuple(columns), rows)


def _read(path: Path) -> tuple[Sequence[str], dict[str, Language]]:
    problems = []
    rows: dict[str, Language] = {}
    lines: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            columns = list(reader.fieldnames or ())
            if "locale" not in columns:
                problem = Problem(str(path), f"columns {columns}", "a column 'locale'", line=1)
                raise ConfigError(f"{path} is not a language table", [problem])
            for number, row in enumerate(reader, 2):
                given = (row.get("locale") or "").strip()
                mistakes = _mistakes(row, given, len(columns))
                tag = read_tag(given)
                locale = str(tag) if tag else given
                if locale in lines:
                    again = "" if lines[locale].startswith(f"{given} ") else f" as {given}"
                    twice = f"{locale} is here twice{again}; it is {lines[locale]}, too"
                    mistakes.append((twice, None))
                problems += [Problem(str(path), *mistake, line=number) for mistake in mistakes]
                if mistakes:
                    continue
                lines[locale] = f"{given} in line {number}"
                facts = {
                    column: value.strip()
                    for column, value in row.items()
                    if column != "locale" and value.strip() not in {"", "-"}
                }
                rows[locale] = Language(locale, facts)
    except FileNotFoundError:
        todo = f"`massive-kit languages LOCALE --out {path}` writes one"
        raise MissingDataError(f"{path} not found; {todo}") from None
    except UnicodeDecodeError:
        problem = Problem(str(path), "not UTF-8", todo="save the file as UTF-8")
        raise ConfigError(f"{path} cannot be read", [problem]) from None
    except (OSError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read", [Problem(str(path), str(error))]) from None
    if problems:
        raise ConfigError(f"{path} is not a valid language table", problems)
    return columns, rows


def _mistakes(row: Mapping[Any, Any], locale: str, columns: int) -> list[tuple[str, str | None]]:
    """What is wrong with a row: each time what was found, and what was expected."""
    if None in row or None in row.values():
        return [("a different number of cells", f"{columns}")]
    mistakes: list[tuple[str, str | None]] = []
    if not locale:
        mistakes.append(("no locale", "a code such as de-DE"))
    values = {name: row.get(name, "").strip() for name in (*_CLOSED, "script")}
    given = {name: value for name, value in values.items() if value not in {"", "-"}}
    for name, known in _CLOSED.items():
        if given.get(name, known[0]) not in known:
            mistakes.append((f"{name} {given[name]!r}", " or ".join(known)))
    if not _SCRIPT.fullmatch(given.get("script", "Latn")):
        mistakes.append((f"script {given['script']!r}", "a code of ISO 15924 such as Latn"))
    return mistakes


def character_locales() -> frozenset[str]:
    """The shipped locales whose scoring unit is the character."""
    table = LanguageTable.shipped().languages
    return frozenset(locale for locale, language in table.items() if language.character_scored)
