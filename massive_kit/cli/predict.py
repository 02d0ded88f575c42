"""`massive-kit predict`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, progress
from massive_kit.cli.options import DataName
from massive_kit.errors import UsageError, visible


class Shape(StrEnum):
    """How the prediction of a sentence is printed."""

    brackets = "brackets"
    json = "json"


def predict(
    run: Annotated[Path, typer.Argument(help="A run directory.", file_okay=False)],
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="Predict this task's test split.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The prediction file, .jsonl or .jsonl.gz.", dir_okay=False)
    ] = None,
    data: DataName = None,
    text: Annotated[
        str | None, typer.Option(help="One sentence; - reads sentences from stdin, one a line.")
    ] = None,
    locale: Annotated[str, typer.Option(help="The locale of --text.")] = "en-US",
    form: Annotated[
        Shape, typer.Option("--format", help="Print sentences for people or for machines.")
    ] = Shape.brackets,
) -> None:
    """Predict a task's test split, or sentences."""
    if (task is None) == (text is None):
        raise UsageError("give --task with --out, or --text with --locale")
    if text is not None:
        texts = [line.strip() for line in sys.stdin] if text == "-" else [text]
        _sentences(run, [one for one in texts if one], locale, form)
        return
    if task is None or out is None:
        raise UsageError("--task needs --out FILE")
    from massive_kit.data.resolving import open_task
    from massive_kit.predict.run import predict_task

    resolved = open_task(task, data)
    total = resolved.store.rows(resolved.test.partition, resolved.test.locales)
    with progress("predicting", total) as bar:
        done = predict_task(run, resolved, out, lambda _, rows: bar.advance(bar.task_ids[0], rows))
    if done.failed:
        err.print(f"{done.failed:,} answers could not be read and count as wrong")
    if done.rows:
        emit(f"{done.rows:,} predictions in {done.seconds:.1f} s -> {done.path}")


def _sentences(run: Path, texts: list[str], locale: str, form: Shape) -> None:
    from massive_kit.predict.run import text_utterances
    from massive_kit.predict.system import load_system
    from massive_kit.predict.writing import prediction_line

    system = load_system(run)
    for one in system.predict(text_utterances(texts, locale, system)):
        if form is Shape.json:
            emit(prediction_line(one).decode())
        else:
            _coloured(one.intent, list(zip(one.utterance.tokens, one.labels, strict=True)))


def _coloured(intent: str, pairs: list[tuple[str, str]]) -> None:
    from itertools import groupby

    from rich.text import Text

    from massive_kit.cli.console import out
    from massive_kit.data.tokens import OTHER

    line = Text(intent, style="bold")
    for label, group in groupby(pairs, key=lambda pair: pair[1]):
        words = visible(" ".join(token for token, _ in group))
        line.append("  " if line.plain == intent else " ")
        if label == OTHER:
            line.append(words)
        else:
            line.append(f"[{label} : ", style="dim")
            line.append(words, style="green").append("]", style="dim")
    out.print(line, soft_wrap=True)
