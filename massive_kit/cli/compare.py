"""`massive-kit compare`: paired tests between systems."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.tables import TableFormat, TableFormatOption, print_tables
from massive_kit.errors import UsageError


def compare(
    systems: Annotated[
        list[Path],
        typer.Argument(
            metavar="A B [C...]", help="Folders written by `eval --out`; A is compared with each."
        ),
    ],
    form: TableFormatOption = TableFormat.text,
    resamples: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="Resamples of each test.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the tests.")] = 0,
) -> None:
    """Compare systems: which locales differ, by paired tests from their stats.npz alone."""
    from massive_kit.breakdown.comparison import compare as compare_systems
    from massive_kit.breakdown.comparison_views import all_tests, comparison_tables

    if len(systems) < 2:  # noqa: PLR2004 - a comparison takes two
        raise UsageError("compare needs two systems or more: massive-kit compare A B")
    for comparison in compare_systems(systems, resamples=resamples, seed=seed):
        tables = comparison_tables(comparison)
        if form in {TableFormat.csv, TableFormat.json}:
            tables.append(all_tests(comparison))
        print_tables(tables, form)
