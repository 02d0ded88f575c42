"""`massive-kit forecast source`: whose labels to train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.options import LanguagesOption
from massive_kit.cli.tables import TableFormat, TableFormatOption


def source(
    matrix: Annotated[
        str,
        typer.Argument(
            metavar="MATRIX",
            help="A sweep.csv over data.locales, or a CSV (source_locale, target_locale, metric,"
            " value; model), as table.csv or table.csv:MODEL.",
        ),
    ],
    language: Annotated[
        list[str],
        typer.Option("--for", help="A locale, code or English name; repeat for more."),
    ],
    metric: Annotated[
        str | None, typer.Option(help="Only this one. Default: all there are.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Sources shown for a language.")] = 5,
    languages: LanguagesOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the tables here, too: .json, .csv, .md or .tex.", dir_okay=False),
    ] = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Choose whose labels to train on for a language, learnt from a matrix of transfer."""
    from massive_kit.analysis.forecast.assembling import named_languages
    from massive_kit.analysis.forecast.source_suggestions import suggestions
    from massive_kit.analysis.forecast.system_scores import TableChoice
    from massive_kit.analysis.forecast.transfer_matrix import transfer_matrices
    from massive_kit.cli.forecast_tables import source_tables
    from massive_kit.cli.tables import print_tables, write_tables
    from massive_kit.errors import UsageError
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    targets = named_languages(language, table)
    choice = TableChoice.of(matrix)
    if choice is None:
        raise UsageError(f"{matrix} is not a CSV file; give table.csv or table.csv:MODEL")
    matrices = transfer_matrices(choice, metric, table)
    tables = source_tables(suggestions(matrices, targets, table), top)
    print_tables(tables, form)
    if out is not None:
        write_tables(tables, out)
        err.print(f"written: {out}", markup=False, soft_wrap=True)
