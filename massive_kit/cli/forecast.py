"""`massive-kit forecast`: scores of a system in languages where it was not measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption

DEFAULT = "scores"


class ForecastGroup(TyperGroup):
    """`forecast SCORES...`, and `forecast source` beside it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What does not begin with the name of another command is for the one of scores."""
        # A folder of scores may well be called `scores`.
        if not args or args[0] not in self.commands or args[0] == DEFAULT:
            args = [DEFAULT, *(args or ["--help"])]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or that of scores."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, DEFAULT)


def forecast(
    scores: Annotated[
        list[str],
        typer.Argument(
            metavar="SCORES...",
            help="Folders written by `eval --out`, or CSV files (locale, metric, value; model,"
            " setting), as table.csv:MODEL. The first is forecast, the others help.",
        ),
    ],
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--for",
            help="A locale, code or English name; repeat for more; `all` is each of 2,900. Default:"
            " those of the language table that are not measured.",
        ),
    ] = None,
    metric: Annotated[str, typer.Option(help="Of the scores.")] = "exact_match",
    source_locale: Annotated[
        str | None,
        typer.Option(help="Whose labels the system learnt. Default: as the scores say, or en-US."),
    ] = None,
    probe: Annotated[
        Path | None, typer.Option(help="A probe.json: retrieval, and a tokenizer's fertility.")
    ] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(help="A tokenizer.json, or a folder or run with one, to cut --data with."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="The store whose texts --tokenizer cuts. Default: 1.1."),
    ] = None,
    level: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="Share of cases that intervals should hold.")
    ] = 0.9,
    languages: LanguagesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the tables here, too: .json, .csv, .md or .tex.", dir_okay=False),
    ] = None,
    board: Annotated[
        Path | None,
        typer.Option(
            help="Write the forecasts for a leaderboard, to its forecasts/SYSTEM/VERSION.json.",
            dir_okay=False,
        ),
    ] = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Forecast scores in languages without data, and tell how far off that is.

    `massive-kit forecast source` tells whose labels to train on.
    """
    from massive_kit.analysis.forecast.assembling import assembled, named_languages
    from massive_kit.analysis.forecast.forecasting import forecast as forecast_all
    from massive_kit.cli.forecast_board import BoardTarget
    from massive_kit.cli.forecast_inputs import evidence, systems
    from massive_kit.cli.forecast_tables import forecast_tables
    from massive_kit.cli.prediction_progress import prediction_bar
    from massive_kit.cli.tables import print_tables, write_tables
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    asked = named_languages(language or [], table)
    target = BoardTarget.of(board, scores[0], metric) if board else None
    system, others = systems(scores, metric, table)
    code = named_languages([source_locale or system.source or "en-US"], table)[0].code
    known = evidence(probe, tokenizer, data, code)
    built = assembled(system, others, asked, table, known, source=code, level=level)
    steps = len(built.request.measured)
    with prediction_bar(f"forecasting {system.name}", steps, "languages") as bar:
        result = forecast_all(built.request, lambda code: bar(code, 1))
    tables = forecast_tables(system.name, metric, built, result, table, asked)
    print_tables(tables, form)
    if out is not None:
        write_tables(tables, out)
        err.print(f"written: {out}", markup=False, soft_wrap=True)
    if target is not None:
        target.write(built, result, table)
        err.print(f"written: {target.path}", markup=False, soft_wrap=True)
