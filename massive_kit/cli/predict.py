"""`massive-kit predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import print_text
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName, Overrides
from massive_kit.cli.predict_prompt import print_forecast, print_prompt, print_unread, print_usage
from massive_kit.cli.predict_text import (
    TextFormat,
    checked_text,
    chosen_locale,
    print_predictions,
    read_texts,
)
from massive_kit.cli.prediction_progress import prediction_bar
from massive_kit.errors import UsageError


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
        str | None, typer.Option(help="One sentence; - reads sentences from stdin, one per line.")
    ] = None,
    locale: Annotated[str, typer.Option(help="The locale of --text.")] = "en-US",
    override: Overrides = None,
    placement: Annotated[
        str | None,
        typer.Option(
            help="Of an encoder: first, first_with_text or raw_text; as -o model.placement=..."
        ),
    ] = None,
    show_prompt: Annotated[
        bool,
        typer.Option(
            "--show-prompt", help="Print what a language model is asked, and send nothing."
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what a language model would be sent and cost, and send nothing.",
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a stopped call; that is done anyway.")
    ] = False,
    form: Annotated[
        TextFormat, typer.Option("--format", help="Print --text for people or for machines.")
    ] = TextFormat.brackets,
) -> None:
    """Predict a task's test split, or sentences."""
    from massive_kit.runs.folder import RunFolder
    from massive_kit.systems.kind import kind_of

    del resume
    if show_prompt:
        print_prompt(run, task, data, text, locale, override or ())
        return
    if (task is None) == (text is None):
        raise UsageError("give --task with --out, or --text with --locale")
    changes = [*(override or ()), *([f"model.placement={placement}"] if placement else ())]
    require_extra(kind_of(RunFolder(run).recipe()).extra, "predicting")
    if text is not None:
        from massive_kit.runs.loading import load_system

        texts = read_texts() if text == "-" else [checked_text(text)]
        system = load_system(run, changes)
        print_predictions(system, texts, chosen_locale(locale, run), form)
        return
    from massive_kit.data.opening import open_task
    from massive_kit.runs.predicting import predict_task

    if task is not None and dry_run:
        print_forecast(run, open_task(task, data), changes)
        return
    if task is None or out is None:
        raise UsageError("--task needs --out FILE")
    task_data = open_task(task, data)
    with prediction_bar("predicting", task_data.test.rows) as rows_done:
        done = predict_task(run, task_data, out, rows_done, overrides=changes)
    print_unread(done)
    if done.rows:
        print_text(f"{done.rows:,} predictions in {done.seconds:.1f} s -> {done.path}")
    print_usage(done)
