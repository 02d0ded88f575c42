r"""How commands print: results to stdout, progress and problems to stderr.

Text for people is in the encoding of the terminal or pipe, and a character that this lacks is
escaped (`\u0e01`). What machines read (JSON, CSV, YAML, Markdown, LaTeX) is UTF-8 everywhere.
"""

from __future__ import annotations

import io
import logging
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

from massive_kit.errors import ContentError, MassiveKitError, Problem, escape_invisible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

# What is printed holds names and texts of users: `[x]` is no style there, `:100:` no emoji.
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)


def escape_what_cannot_be_shown() -> None:
    """Escapes characters that the encoding of stdout or stderr lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_readers_go() -> None:
    """Drops what is written after the reader of a pipe (`| head`) has gone.

    A command then ends as it would have ended, with the exit code that its result has.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and _is_pipe(stream):
            stream.flush()
            raw = _Pipe(stream.fileno(), "w", closefd=False)
            text = io.TextIOWrapper(
                # Unbuffered, a stream has no buffer beneath.
                raw if isinstance(stream.buffer, io.FileIO) else io.BufferedWriter(raw),
                encoding=stream.encoding,
                errors=stream.errors,
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, text)


class _Pipe(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return len(data)


def _is_pipe(stream: io.TextIOWrapper) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False


def emit(text: str) -> None:
    """Writes a result that machines read, exactly as it is, in UTF-8."""
    line = text if text.endswith("\n") else text + "\n"
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper) or _is_utf_8(stream.encoding):
        stream.write(line)
        return
    stream.flush()
    stream.buffer.write(line.encode("utf-8", "backslashreplace"))


def print_text(text: str) -> None:
    """Writes a result that people read, as it is: not wrapped, not coloured."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def _is_utf_8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") in {"utf8", "utf8sig"}


def show_error(error: MassiveKitError, limit: int = 50) -> None:
    """Shows a user's mistake, without a traceback; of many problems the first `limit`."""
    err.print("error", style="bold red", end="")
    err.print(": ", end="")
    if not isinstance(error, ContentError):
        err.print(str(error), markup=False, soft_wrap=True)
        return
    err.print(str(error.args[0]), markup=False, soft_wrap=True)
    for problem in error.problems[:limit]:
        err.print(f"  {escape_invisible(str(problem))}", markup=False, soft_wrap=True)
    more = error.total - min(len(error.problems), limit)
    if more > 0:
        err.print(f"  ... and {more:,} more", markup=False)


def show_warnings(problems: Iterable[Problem]) -> None:
    """Shows what is odd without being wrong."""
    for problem in problems:
        err.print(f"warning: {escape_invisible(str(problem))}", markup=False, soft_wrap=True)


class LogLines(logging.Handler):
    """Shows what is logged as the warnings of commands are shown, above a progress bar if any."""

    def emit(self, record: logging.LogRecord) -> None:
        """Shows a record."""
        lines = map(escape_invisible, self.format(record).splitlines())
        text = "\n".join(lines)
        err.print(f"{record.levelname.lower()}: {text}", markup=False, soft_wrap=True)


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Bar]:
    """A progress bar on stderr; silent where stderr is not a terminal. It has one task already."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        bar.add_task(description, total=total)
        yield bar
