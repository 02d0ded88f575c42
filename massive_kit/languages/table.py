"""The language table: one row per locale, from `languages.csv` and a user's own CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from massive_kit.errors import ConfigError, Problem

# Tables 2 and 4 of the paper print sl-SI, the right region code; the files and Tables 7 to 9 use
# sl-SL.
ALIASES = {"sl-SI": "sl-SL"}

_SHIPPED = Path(__file__).with_name("languages.csv")


def canonical_locale(locale: str) -> str:
    """The name that the data use for a locale; what is not an alias comes back as it is."""
    return ALIASES.get(locale, locale)


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table.

    Attributes:
        locale: Code as in the data, such as `sl-SL`.
        facts: All columns but the locale. An absent key is missing data; `none` is a value.
    """

    locale: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str | None:
        """The value of a column, or `None` where it is missing."""
        return self.locale if column == "locale" else self.facts.get(column)

    @property
    def name(self) -> str:
        """English name, or the locale where the table has none."""
        return self.facts.get("language", self.locale)

    @property
    def autonym(self) -> str:
        """The language's name in itself, or its English name."""
        return self.facts.get("autonym", self.name)

    @property
    def right_to_left(self) -> bool:
        """Whether its script runs from right to left."""
        return self.facts.get("direction") == "right to left"

    @property
    def character_scored(self) -> bool:
        """Whether the scoring unit is the character (ja-JP, zh-CN, zh-TW in MASSIVE)."""
        return self.facts.get("scoring_unit") == "character"

    @property
    def artificial_spacing(self) -> bool:
        """Whether annotators made the spaces, which inflates slot F1 (th-TH, km-KH, my-MM)."""
        return self.facts.get("spacing") == "by annotators"


@dataclass(frozen=True, slots=True)
class LanguageTable:
    """All languages known, in the order of the file."""

    columns: tuple[str, ...]
    languages: Mapping[str, Language]

    @classmethod
    def shipped(cls) -> LanguageTable:
        """The 52 locales of MASSIVE 1.1."""
        return _shipped()

    @classmethod
    def load(cls, extra: Path | None = None) -> LanguageTable:
        """The shipped table, with the rows of a user's CSV on top.

        The CSV needs the column `locale`; it may leave out columns and add its own, which then
        group and break down like any other. Empty cells (and `-`) are missing data.

        Raises:
            ConfigError: The CSV is wrong; every mistake is reported.
        """
        table = _shipped()
        if extra is None:
            return table
        columns, rows = _read(extra)
        more = [column for column in columns if column not in table.columns]
        return cls((*table.columns, *more), {**table.languages, **rows})

    def __getitem__(self, locale: str) -> Language:
        """The row of a locale or alias; a locale not in the table gets a row without facts."""
        locale = canonical_locale(locale)
        return self.languages.get(locale, Language(locale))

    def __contains__(self, locale: str) -> bool:
        return canonical_locale(locale) in self.languages

    def select(self, entry: str, among: Iterable[str]) -> list[str]:
        """Those locales of `among` that an entry of a task means: a locale, or `column=value`.

        Raises:
            KeyError: No such column.
        """
        column, equals, value = entry.partition("=")
        if not equals:
            wanted = canonical_locale(entry)
            return [locale for locale in among if locale == wanted]
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
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            columns = list(reader.fieldnames or ())
            if "locale" not in columns:
                problem = Problem(str(path), f"columns {columns}", "a column 'locale'", line=1)
                raise ConfigError(f"{path} is not a language table", [problem])
            for number, row in enumerate(reader, 2):
                locale = row.get("locale") or ""
                if None in row or None in row.values():
                    problems.append(
                        Problem(
                            str(path), "a different number of cells", f"{len(columns)}", line=number
                        )
                    )
                elif not locale.strip():
                    problems.append(
                        Problem(str(path), "no locale", "a code such as de-DE", line=number)
                    )
                elif locale in rows:
                    problems.append(Problem(str(path), f"{locale} is here twice", line=number))
                else:
                    facts = {
                        column: value.strip()
                        for column, value in row.items()
                        if column != "locale" and value.strip() not in {"", "-"}
                    }
                    rows[locale] = Language(locale, facts)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read", [Problem(str(path), str(error))]) from None
    if problems:
        raise ConfigError(f"{path} is not a valid language table", problems)
    return columns, rows


def character_locales() -> frozenset[str]:
    """The shipped locales whose scoring unit is the character."""
    table = LanguageTable.shipped().languages
    return frozenset(locale for locale, language in table.items() if language.character_scored)
