"""Rows that are refused: what is told of them, and the file that keeps them as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson

from massive_kit.counted import counted
from massive_kit.data.intake.raw_rows import Mistake
from massive_kit.errors import DataError, Problem
from massive_kit.files.atomic import atomic_file

# All are written to the file of rejected rows; this many are kept in memory to be reported.
MAX_PROBLEMS = 100_000


def write_rejected(path: Path, mistakes: Sequence[tuple[str, Mistake]]) -> None:
    """Writes rows as they stood, each with its file, its line and every reason."""
    with atomic_file(path) as stream:
        for name, mistake in mistakes:
            value = {
                "file": name,
                "line": mistake.line,
                "reason": mistake.reason,
                "row": mistake.source,
            }
            stream.write(orjson.dumps(value) + b"\n")


def refusal(
    source: Path,
    mistakes: Sequence[tuple[str, Mistake]],
    rejects: Path | None,
    more: Sequence[Problem],
) -> DataError:
    """The error that tells of bad rows.

    Args:
        source: What was to be imported.
        mistakes: The bad rows, with their files.
        rejects: The file that they are in, if there is one.
        more: What else is wrong.
    """
    problems = [
        *more,
        *(
            Problem(name, mistake.reason, line=mistake.line)
            for name, mistake in mistakes[:MAX_PROBLEMS]
        ),
    ]
    where = f"; all of them are in {rejects}" if rejects else ""
    them = "it" if len(mistakes) == 1 else "them"
    summary = (
        f"{source} was not imported: {counted(len(mistakes), 'bad row')}"
        f" (--skip-bad leaves {them} out){where}"
    )
    return DataError(summary, problems, len(mistakes) + len(more))
