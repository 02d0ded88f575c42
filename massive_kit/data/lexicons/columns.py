"""Dictionaries of a pair a line, as MUSE's and most others: `house<TAB>Haus`.

Columns after the second are passed over. A line without tab holds two words with white space
between, as in MUSE (Conneau et al. 2018, "Word Translation Without Parallel Data").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from massive_kit.errors import DataError, Problem
from massive_kit.files.bounded_lines import Line, bounded_lines

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Most lines of most files, which need no closer look.
_SOUND = re.compile(r"([^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*)\t"
                    r"([^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*)(?:\t|$)")  # fmt: skip
_MOST_PROBLEMS = 1000
_PAIR = 2
_EXPECTED = "two columns with a tab between, or two words"


def read_columns(path: Path, take: Callable[[str, str], None]) -> None:
    """Gives each pair of a file to `take`; empty lines are passed over.

    Raises:
        DataError: Lines hold no pair; all are told.
        MissingDataError: There is no such file.
    """
    problems: list[Problem] = []
    total = 0
    for line in bounded_lines(path):
        text = line.text or ""
        pair = _SOUND.match(text)
        if pair:
            take(pair[1], pair[2])
            continue
        columns = text.split("\t") if "\t" in text else text.split()
        mistake = _mistake(line, columns)
        if mistake:
            total += 1
            if total <= _MOST_PROBLEMS:
                problems.append(Problem(str(path), mistake, _EXPECTED, line=line.number))
        elif columns:
            take(columns[0], columns[1])
    if problems:
        raise DataError(f"{path} is not a dictionary of a pair a line", problems, total)


def _mistake(line: Line, columns: list[str]) -> str | None:
    if line.text is None:
        return "text that is not UTF-8"
    if not columns:
        return None
    if "\t" not in line.text:
        count = len(columns)
        if count != _PAIR:
            return f"{count} word{'s' * (count > 1)} without a tab"
    elif not columns[0].strip() or not columns[1].strip():
        return "an empty column"
    if _CONTROL.search(columns[0]) or _CONTROL.search(columns[1]):
        return "a control character"
    return None
