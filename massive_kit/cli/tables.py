"""How commands print tables: for the terminal, or in the format asked for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, out

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from massive_kit.breakdown.tables import Table


class TableFormat(StrEnum):
    """How tables are printed."""

    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


TableFormatOption = Annotated[
    TableFormat, typer.Option("--format", help="For people, machines or papers.")
]


def print_tables(tables: Sequence[Table], form: TableFormat) -> None:
    """Prints tables to stdout."""
    from massive_kit.breakdown import rendering

    match form:
        case TableFormat.text:
            for table in tables:
                _show(table)
        case TableFormat.json:
            emit(rendering.to_json(tables))
        case TableFormat.csv:
            emit(rendering.to_csv(tables))
        case TableFormat.markdown:
            emit(rendering.markdown(tables))
        case TableFormat.latex:
            emit(rendering.latex(tables))


def write_tables(tables: Sequence[Table], path: Path) -> None:
    """Writes tables to a file, in the format that its name ends with.

    Raises:
        UsageError: It ends with no known format.
    """
    from massive_kit.breakdown import rendering
    from massive_kit.errors import UsageError
    from massive_kit.files.atomic import atomic_file

    writers = {
        ".json": rendering.to_json,
        ".csv": rendering.to_csv,
        ".md": rendering.markdown,
        ".tex": rendering.latex,
    }
    writer = writers.get(path.suffix)
    if writer is None:
        raise UsageError(f"--out {path} must end with {', '.join(writers)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as stream:
        stream.write(writer(tables).encode())


def _show(table: Table) -> None:
    from rich.console import Console
    from rich.measure import Measurement

    grid = _grid(table, intervals=True)
    hidden = False
    roomy = Console(width=1000, markup=False, emoji=False)
    needed = Measurement.get(roomy, roomy.options, grid).maximum
    console = out
    if not out.is_terminal:
        # A file or a pipe has no width to keep to.
        console = Console(width=max(needed, 80), highlight=False, markup=False, emoji=False)
    elif needed > out.width:
        grid, hidden = _grid(table, intervals=False), True
    console.print(f"\n{table.title}", style="bold")
    if table.rows:
        console.print(grid)
    for note in table.notes:
        console.print(note, style="dim", soft_wrap=True)
    if hidden:
        console.print(f"Intervals show in a terminal of {needed} columns or more.", style="dim")


def _grid(table: Table, *, intervals: bool) -> Grid:
    from rich.table import Table as Grid

    from massive_kit.breakdown.tables import interval, text

    grid = Grid(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    wide = [
        intervals and any(interval(row[i]) for row in table.rows) for i in range(len(table.columns))
    ]
    for column, two in zip(table.columns, wide, strict=True):
        grid.add_column(column.title, justify="right" if column.numeric else "left")
        if two:
            grid.add_column(table.interval, style="dim")
    for row in table.rows:
        cells = []
        for cell, column, two in zip(row, table.columns, wide, strict=True):
            cells += [text(cell, column.decimals)] + ([interval(cell)] if two else [])
        grid.add_row(*cells)
    return grid
