"""`massive-kit predict`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, err, progress
from massive_kit.cli.extras import require_training
from massive_kit.cli.options import DataName
from massive_kit.errors import UsageError, visible
from massive_kit.schema.recipe import Placement

if TYPE_CHECKING:
    from massive_kit.predict.system import Prediction, System


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
    placement: Annotated[
        Placement | None,
        typer.Option(help="Which piece speaks for a token, if not as in training (encoders)."),
    ] = None,
    form: Annotated[
        Shape, typer.Option("--format", help="Print sentences for people or for machines.")
    ] = Shape.brackets,
) -> None:
    """Predict a task's test split, or sentences."""
    if (task is None) == (text is None):
        raise UsageError("give --task with --out, or --text with --locale")
    require_training("predicting")
    if text is not None:
        from massive_kit.predict.system import load_system

        texts = [line.strip() for line in sys.stdin] if text == "-" else [text]
        _sentences(load_system(run, placement), [one for one in texts if one], locale, form)
        return
    if task is None or out is None:
        raise UsageError("--task needs --out FILE")
    from massive_kit.data.resolving import open_task
    from massive_kit.predict.run import predict_task

    resolved = open_task(task, data)
    total = resolved.store.rows(resolved.test.partition, resolved.test.locales)
    with progress("predicting", total) as bar:
        done = predict_task(
            run,
            resolved,
            out,
            lambda _, rows: bar.advance(bar.task_ids[0], rows),
            placement=placement,
        )
    if done.failed:
        err.print(f"{done.failed:,} answers could not be read and count as wrong")
    if done.rows:
        emit(f"{done.rows:,} predictions in {done.seconds:.1f} s -> {done.path}")


def _sentences(system: System, texts: list[str], locale: str, form: Shape) -> None:
    from massive_kit.predict.run import predict_texts
    from massive_kit.predict.writing import prediction_line

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
