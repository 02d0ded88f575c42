"""Sentences on the command line: read, told apart by locale, and printed with their labels."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.cli.console import emit, err
from massive_kit.errors import UsageError, visible

if TYPE_CHECKING:
    from massive_kit.systems.interface import Prediction, System


class Shape(StrEnum):
    """How the prediction of a sentence is printed."""

    brackets = "brackets"
    json = "json"


def read_sentences() -> list[str]:
    """The lines of stdin that are not empty.

    Raises:
        UsageError: A line is not UTF-8.
    """
    found = []
    for number, line in enumerate(sys.stdin.buffer.read().splitlines(), 1):
        try:
            found.append(line.decode().strip())
        except UnicodeDecodeError as error:
            raise UsageError(
                f"stdin:{number}: byte {error.start} is not UTF-8; send the text as UTF-8"
            ) from None
    return [one for one in found if one]


def checked_sentence(text: str) -> str:
    """A sentence of the command line, read as UTF-8 whatever the encoding of the terminal.

    Raises:
        UsageError: It is empty or not UTF-8.
    """
    if not text.strip():
        raise UsageError("--text is empty; give a sentence, or - to read them from stdin")
    try:
        # Where the locale is not UTF-8 (`LC_ALL=C`), Python keeps other bytes as surrogates.
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise UsageError("--text is not UTF-8; give the sentence as UTF-8") from None


def chosen_locale(given: str, run: Path) -> str:
    """The locale that is meant; one that nobody knows is taken as it is, with a warning."""
    from massive_kit.languages import LanguageTable, meant_locale
    from massive_kit.runs.folder import RunFolder

    trained = RunFolder(run).data().get("train", {}).get("locales", [])
    meant = meant_locale(given, {**LanguageTable.shipped().languages, **dict.fromkeys(trained)})
    if not meant.known:
        hint = f"; did you mean {meant.near!r}?" if meant.near else ""
        err.print("[bold yellow]warning[/]:", end=" ")
        note = f"--locale {given!r} is no locale of the table or of the run's training{hint}"
        err.print(visible(note), markup=False, soft_wrap=True)
    return meant.locale


def print_sentences(system: System, texts: list[str], locale: str, form: Shape) -> None:
    """Predicts sentences and prints each."""
    from massive_kit.runs.predicting import predict_texts
    from massive_kit.runs.prediction_lines import prediction_line

    for one in predict_texts(system, texts, locale):
        if form is Shape.json:
            emit(prediction_line(one).decode())
        else:
            _coloured(one)


def _coloured(one: Prediction) -> None:
    from itertools import groupby

    from rich.text import Text

    from massive_kit.cli.console import out
    from massive_kit.data.tokens import OTHER

    line = Text(f"{one.intent}  ", style="bold")
    text, end = one.utterance.text, 0
    # Words stand as the text has them, with its own spaces or none.
    spans = []
    for token, label in zip(one.utterance.tokens, one.labels, strict=True):
        start = text.index(token, end)
        spans.append((label, end, start, start + len(token)))
        end = start + len(token)
    for label, run in groupby(spans, key=lambda span: span[0]):
        own = list(run)
        line.append(visible(text[own[0][1] : own[0][2]]))
        words = visible(text[own[0][2] : own[-1][3]])
        if label == OTHER:
            line.append(words, style="not bold")
        else:
            line.append(f"[{label} : ", style="not bold dim")
            line.append(words, style="not bold green").append("]", style="not bold dim")
    out.print(line, soft_wrap=True)
