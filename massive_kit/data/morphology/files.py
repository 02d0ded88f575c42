"""Which inflection tables a command line names, and of which locale each is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable

_NAMED = re.compile(r"([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)=(.+)")


def morphology_files(named: Sequence[str], locales: Sequence[str]) -> dict[str, Path]:
    """The inflection tables that a command line names, by locale.

    Args:
        named: Files (`nb-NO.tsv.gz`, UniMorph's `nob`), or folders of them, of which those count
            that are named by one of the locales; before a file may stand `LOCALE=`.
        locales: The locales that there are rows of.

    Raises:
        UsageError: One is missing or is of no locale here, or two are of one; all are told.
    """
    files: dict[str, Path] = {}
    problems: list[str] = []
    for name in named:
        for locale, file in _named(name, locales, problems):
            if locale in files:
                problems.append(f"{file} and {files[locale]} are both of {locale}")
            files[locale] = file
    if not named:
        problems.append("no inflection table; name files with --morphology")
    if problems:
        raise UsageError("; ".join(problems))
    return dict(sorted(files.items()))


def _named(name: str, locales: Sequence[str], problems: list[str]) -> Iterator[tuple[str, Path]]:
    """The locales and files that one name means."""
    path, given = Path(name), ""
    match = None if path.exists() else _NAMED.fullmatch(name)
    if match:
        given, path = match[1], Path(match[2])
    if path.is_file():
        locale = _locale(given or _stem(path), locales)
        if locale is not None:
            yield locale, path
            return
        example = locales[0] if locales else "de-DE"
        problems.append(
            f"{path} is of none of the locales here; put the one that is meant before it:"
            f" {example}={path}"
        )
    elif path.is_dir() and not given:
        files = [(_locale(_stem(file), locales), file) for file in sorted(path.iterdir())]
        of_locales = [(locale, file) for locale, file in files if locale and file.is_file()]
        if not of_locales:
            problems.append(f"{path} holds no table of {', '.join(locales[:5])}")
        yield from of_locales
    else:
        problems.append(f"{path} is no file" if path.exists() else f"{path} not found")


def _locale(code: str, locales: Sequence[str]) -> str | None:
    match = LanguageTable.shipped().match(code, locales)
    return match.locale if match.known else None


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]
