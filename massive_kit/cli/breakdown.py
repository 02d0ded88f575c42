"""`massive-kit breakdown`: a closer look at scores that `eval --out` kept."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables


class Labels(StrEnum):
    """What can be confused."""

    intent = "intent"
    scenario = "scenario"
    slot = "slot"


class ErrorKind(StrEnum):
    """How a slot can be wrong."""

    type = "type"
    boundary = "boundary"
    both = "both"
    missed = "missed"
    spurious = "spurious"


def breakdown(
    scores: Annotated[Path, typer.Argument(help="A folder written by `eval --out`.")],
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="A column of the language table, or intent, scenario, slot, length, slots,"
            " slot_method, seen, values, error; repeat for more."
        ),
    ] = None,
    locale: Annotated[
        list[str] | None, typer.Option(help="Only these locales; repeat for more.")
    ] = None,
    transfer: Annotated[
        bool, typer.Option("--transfer", help="Gap to the source locale, also by group.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option(help="Scores of the same system that have the source locale.")
    ] = None,
    confusion: Annotated[
        Labels | None, typer.Option(help="Which labels are taken for which others.")
    ] = None,
    errors: Annotated[
        int | None, typer.Option(min=1, help="Show that many utterances with wrong slots.")
    ] = None,
    kind: Annotated[ErrorKind | None, typer.Option(help="Only errors of this kind.")] = None,
    correlate: Annotated[
        list[str] | None, typer.Option(help="Correlate with a numeric column of the languages.")
    ] = None,
    languages: LanguagesOption = None,
    data: Annotated[
        str | None,
        typer.Option(
            envvar="MASSIVE_KIT_DATA",
            help="The store that was scored, where its texts are needed. Default: by its name.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Confusions to show as text.")] = 30,
    resamples: Annotated[int, typer.Option(min=0, max=1_000_000)] = 1000,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Break scores down: by group, label and utterance; transfer, confusion, errors."""
    from massive_kit.breakdown.request import Request
    from massive_kit.breakdown.saved_evaluation import SavedEvaluation
    from massive_kit.cli.console import err
    from massive_kit.cli.examples import print_examples
    from massive_kit.scoring.averages import DEFAULT_GROUPINGS

    result = SavedEvaluation.open(scores, languages)
    request = Request(result, tuple(locale or ()), resamples, seed, data)
    tables = []
    asked = bool(transfer or source or confusion or errors or correlate)
    if transfer or source:
        origin = SavedEvaluation.open(source, languages) if source else None
        tables += request.transfer(origin, tuple(by or DEFAULT_GROUPINGS))
    else:
        tables += request.by(tuple(by or (() if asked else DEFAULT_GROUPINGS)))
    if confusion:
        shown = top if form in {TableFormat.text, TableFormat.markdown, TableFormat.latex} else None
        tables.append(request.confusion(confusion.value, shown))
    tables += [request.correlation(column) for column in correlate or ()]
    if tables:
        print_tables(tables, form)
    if errors:
        error_kind = kind.value if kind else None
        examples = request.examples(errors, error_kind)
        print_examples(examples, form)
        if not examples:
            err.print(request.without_examples(error_kind), markup=False, soft_wrap=True)
