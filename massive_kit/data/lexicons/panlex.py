"""PanLex's CSV export: a folder or a zip with `langvar.csv`, `expr.csv` and denotations.

Expressions of two languages that share a meaning are translations of each other; those that share
most meanings come first. Of a language its main variety is read (number 0), and where there is none
all are, so that zh-TW gets the characters of zh-CN.

PanLex: Kamholz, Pool and Colowick 2014, "PanLex: Building a Resource for Panlingual Lexical
Translation".
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from massive_kit.errors import DataError, Problem
from massive_kit.files.hostile_zip import ZIP_ERRORS, BoundedFile
from massive_kit.languages.subtags import read_tag

TABLES = ("langvar.csv", "expr.csv")
_DENOTATIONS = ("denotationx.csv", "denotation.csv")
# The whole of PanLex is some 2 GB in two tables.
_MAX_BYTES = 1 << 33
_MAX_FIELD = 1 << 16
_MAX_EXPRESSIONS = 20_000_000
_MAX_MEANINGS = 50_000_000
_MOST_WITH_ONE_MEANING = 50


def is_panlex(path: Path) -> bool:
    """Whether a folder or zip holds PanLex's tables."""
    return {*TABLES} <= {*_tables(path)}


def read_panlex(path: Path, source: str, target: str, take: Callable[[str, str], None]) -> None:
    """Gives each pair of two languages to `take`, the likeliest translations of an entry first.

    Args:
        path: A folder or a zip.
        source: The locale of the entries; its language is what counts.
        target: The locale of the translations.
        take: Takes an entry and a translation.

    Raises:
        DataError: It is damaged, or lacks a table, a column or a language.
    """
    tables = _tables(path)
    denotations = next((tables[name] for name in _DENOTATIONS if name in tables), None)
    if denotations is None:
        raise _refused(path, f"no {' and no '.join(_DENOTATIONS)}", "a table of denotations")
    varieties = [*_rows(path, tables["langvar.csv"], ("id", "lang_code", "var_code"))]
    wanted = {}
    for locale in (source, target):
        wanted[locale] = _varieties(varieties, locale)
        if not wanted[locale]:
            raise _refused(path, f"no variety of the language of {locale}", "it in langvar.csv")
    texts: dict[str, dict[str, str]] = {source: {}, target: {}}
    for number, variety, text in _rows(path, tables["expr.csv"], ("id", "langvar", "txt")):
        for locale, varieties_of in wanted.items():
            if variety in varieties_of:
                texts[locale][number] = text
        if len(texts[source]) + len(texts[target]) > _MAX_EXPRESSIONS:
            raise _refused(path, f"more than {_MAX_EXPRESSIONS:,} expressions", "a part of them")
    _give_pairs(_meanings(path, denotations, texts[source], texts[target]), texts, take)


def _varieties(rows: Sequence[Sequence[str]], locale: str) -> set[str]:
    """The main variety of a locale's language, whatever its dialect and script; or else all."""
    own = read_tag(locale)
    main, every = set(), set()
    for number, code, variety in rows:
        tag = read_tag(code)
        if own is not None and tag is not None and tag.language == own.language:
            every.add(number)
            if variety.strip("0") == "":
                main.add(number)
    return main or every


def _meanings(
    path: Path, denotations: str, *texts: dict[str, str]
) -> Iterator[tuple[list[str], list[str]]]:
    """The expressions of each meaning, of the first language and of the second."""
    meanings: dict[str, tuple[list[str], list[str]]] = {}
    for meaning, expression in _rows(path, denotations, ("meaning", "expr")):
        for side, known in enumerate(texts):
            if expression in known:
                meanings.setdefault(meaning, ([], []))[side].append(expression)
        if len(meanings) > _MAX_MEANINGS:
            raise _refused(path, f"more than {_MAX_MEANINGS:,} meanings", "a part of them")
    for first, second in meanings.values():
        if first and second and max(len(first), len(second)) <= _MOST_WITH_ONE_MEANING:
            yield first, second


def _give_pairs(
    meanings: Iterator[tuple[list[str], list[str]]],
    texts: dict[str, dict[str, str]],
    take: Callable[[str, str], None],
) -> None:
    entries, translations = texts.values()
    shared: dict[str, Counter[str]] = {}
    for first, second in meanings:
        for entry in first:
            shared.setdefault(entry, Counter()).update(second)
    for entry, counts in shared.items():
        for translation, _ in counts.most_common():
            take(entries[entry], translations[translation])


def _tables(path: Path) -> dict[str, str]:
    """The names of the tables, without folders, and where each stands."""
    if path.is_dir():
        return {file.name: file.name for file in sorted(path.glob("*.csv"))}
    try:
        with path.open("rb") as stream, zipfile.ZipFile(BoundedFile(stream)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
    except (OSError, *ZIP_ERRORS):
        return {}
    return {name.rpartition("/")[2]: name for name in names}


def _rows(path: Path, table: str, columns: Sequence[str]) -> Iterator[list[str]]:
    """Some columns of a table, row by row."""
    csv.field_size_limit(_MAX_FIELD)
    where = path / table
    try:
        if path.is_dir():
            with where.open("rb") as stream:
                yield from _columns(stream, where, columns)
            return
        with (
            path.open("rb") as packed,
            zipfile.ZipFile(BoundedFile(packed)) as archive,
            archive.open(table) as member,
        ):
            yield from _columns(member, where, columns)
    except (OSError, csv.Error, UnicodeError, *ZIP_ERRORS) as error:
        raise _refused(where, str(error)[:200], "CSV in UTF-8") from None


def _columns(stream: IO[bytes], where: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    reader = csv.reader(_text(stream, where))
    names = next(reader, [])
    missing = [name for name in columns if name not in names]
    if missing:
        raise _refused(where, f"columns {', '.join(names)}"[:200], f"{', '.join(missing)}")
    places = [names.index(name) for name in columns]
    for row in reader:
        if len(row) != len(names):
            problem = f"{len(row)} cells in line {reader.line_num:,}"
            raise _refused(where, problem, str(len(names)))
        yield [row[place] for place in places]


def _text(stream: IO[bytes], where: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(_Counted(stream, where)), "utf-8-sig", newline="")


class _Counted(io.RawIOBase):
    """A stream that ends in an error where it is longer than any table."""

    def __init__(self, stream: IO[bytes], where: Path) -> None:
        self._stream, self._where, self._read = stream, where, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        data = self._stream.read(len(buffer))
        self._read += len(data)
        if self._read > _MAX_BYTES:
            raise _refused(self._where, f"more than {_MAX_BYTES:,} bytes", "a part of them")
        buffer[: len(data)] = data
        return len(data)


def _refused(where: Path, found: str, expected: str) -> DataError:
    return DataError(f"{where} cannot be read", [Problem(str(where), found, expected)])
