"""`predict --text`: texts are read from the command line, predicted, and printed with labels."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.cli.console import emit, err
from massive_kit.errors import UsageError, escape_invisible

if TYPE_CHECKING:
    from massive_kit.data.span_schemes import SpanScheme
    from massive_kit.systems.interface import Prediction, System


class TextFormat(StrEnum):
    """How the prediction of a text is printed."""

    brackets = "brackets"
    json = "json"


def read_texts() -> list[str]:
    """The lines of stdin that are not empty.

    Raises:
        UsageError: A line is not UTF-8.
    """
    texts = []
    for number, line in enumerate(sys.stdin.buffer.read().splitlines(), 1):
        try:
            texts.append(line.decode().strip())
        except UnicodeDecodeError as error:
            raise UsageError(
                f"stdin:{number}: byte {error.start} is not UTF-8; send the text as UTF-8"
            ) from None
    return [text for text in texts if text]


def checked_text(text: str) -> str:
    """The text of `--text`, read as UTF-8 whatever the encoding of the terminal.

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
    """The locale that is meant; another language is taken as it is, with a warning.

    Raises:
        UsageError: It can be no locale, or several.
    """
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.folder import RunFolder
    from massive_kit.runs.text_software import warn_of_other_text

    warn_of_other_text(RunFolder(run), None)
    trained = RunFolder(run).data().get("train", {}).get("locales", [])
    table = LanguageTable.shipped()
    meant = table.match(given, [*table.languages, *trained])
    hint = f"; {meant.hint}" if meant.hint else ""
    if meant.problem:
        raise UsageError(escape_invisible(f"--locale: {meant.problem}{hint}"))
    if not meant.known:
        err.print("warning", style="bold yellow", end="")
        err.print(": ", end="")
        known = "the language table or of the run's training"
        note = f"--locale {given!r} is not a locale of {known}{hint}"
        err.print(escape_invisible(note), markup=False, soft_wrap=True)
    return meant.locale


def print_predictions(system: System, texts: list[str], locale: str, form: TextFormat) -> None:
    """Predicts texts and prints each."""
    from massive_kit.runs.predicting import predict_texts
    from massive_kit.runs.prediction_lines import prediction_line

    for prediction in predict_texts(system, texts, locale):
        if form is TextFormat.json:
            emit(prediction_line(prediction, system.inventory.scheme).decode())
        else:
            _print_coloured(prediction, system.inventory.scheme)


def _print_coloured(prediction: Prediction, scheme: SpanScheme) -> None:
    from rich.text import Text

    from massive_kit.cli.console import out
    from massive_kit.data.notation import OTHER, escape
    from massive_kit.data.span_schemes import runs_of
    from massive_kit.data.text_spans import token_places

    line = Text("" if prediction.intent is None else f"{prediction.intent}  ", style="bold")
    text = prediction.utterance.text
    places = token_places(text, prediction.utterance.tokens)
    # Words are shown as in the text, with its own spaces or none.
    end = 0
    for first, after, label in runs_of(prediction.labels, scheme):
        start, stop = places[first][0], places[after - 1][1]
        line.append(escape_invisible(text[end:start]))
        words = escape_invisible(escape(text[start:stop]))
        end = stop
        if label == OTHER:
            line.append(words, style="not bold")
        else:
            line.append(f"[{label} : ", style="not bold dim")
            line.append(words, style="not bold green").append("]", style="not bold dim")
    out.print(line, soft_wrap=True)
