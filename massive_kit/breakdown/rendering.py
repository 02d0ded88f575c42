"""Tables as Markdown, LaTeX, CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from massive_kit.breakdown.tables import Cell, Column, Table, interval, text
from massive_kit.files import jsonio
from massive_kit.schema.scores import Difference, Estimate

_LATEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "†": r"$\dagger$",
    }
)


def markdown(tables: Sequence[Table]) -> str:
    """GitHub's tables, each under a heading."""
    return "\n\n".join(_markdown(table) for table in tables) + "\n"


def _markdown(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    rule = ["---:" if column.numeric else ":---" for column in table.columns]
    lines = [f"### {table.title}"]
    if table.rows:
        lines += ["", line([column.title for column in table.columns]), line(rule)]
        lines += [line(list(map(_joined, row, table.columns))) for row in table.rows]
    if table.notes:
        lines += ["", *table.notes]
    return "\n".join(lines)


def _joined(cell: Cell, column: Column) -> str:
    return f"{text(cell, column.decimals)} {interval(cell)}".rstrip()


def latex(tables: Sequence[Table]) -> str:
    """Tables for the package booktabs, intervals in small type."""
    return "\n\n".join(_latex(table) for table in tables) + "\n"


def _latex(table: Table) -> str:
    def cell(value: Cell, column: Column) -> str:
        main, small = text(value, column.decimals).translate(_LATEX), interval(value)
        if isinstance(value, Difference):
            main, small = (part.replace("-", "$-$").replace("+", "$+$") for part in (main, small))
        return f"{main} {{\\scriptsize {small}}}" if small else main

    def line(cells: Sequence[str]) -> str:
        return "  " + " & ".join(cells) + r" \\"

    if not table.rows:
        return f"% {table.title.translate(_LATEX)}"
    shape = "".join("r" if column.numeric else "l" for column in table.columns)
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table}",
        rf"\caption{{{' '.join([table.title + '.', *table.notes]).translate(_LATEX)}}}",
        rf"\begin{{tabular}}{{{shape}}}",
        r"\toprule",
        line([column.title.translate(_LATEX) for column in table.columns]),
        r"\midrule",
        *(line(list(map(cell, row, table.columns))) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def to_csv(tables: Sequence[Table]) -> str:
    """Comma-separated values, numbers unrounded and scores in 0..1.

    A score takes three columns: value, low and high end. Several tables are parted by an empty
    line; each begins with its header.
    """
    return "\n".join(_csv(table) for table in tables)


def _csv(table: Table) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    scored = [
        any(isinstance(row[i], (Estimate, Difference)) for row in table.rows)
        for i in range(len(table.columns))
    ]
    header: list[str] = []
    for column, wide in zip(table.columns, scored, strict=True):
        key = column.key
        header += [key, f"{key}_low", f"{key}_high"] if wide else [key]
    writer.writerow(header)
    for row in table.rows:
        cells: list[Any] = []
        for cell, wide in zip(row, scored, strict=True):
            if isinstance(cell, (Estimate, Difference)):
                cells += [cell.value, cell.low, cell.high]
            else:
                cells += [cell, None, None] if wide else [cell]
        writer.writerow(cells)
    return stream.getvalue()


def to_json(tables: Sequence[Table]) -> str:
    """An object that holds for each table its title, rows (objects by column) and notes."""
    return jsonio.dumps_ordered(
        {
            table.key: {
                "title": table.title,
                "rows": [
                    {
                        column.key: _plain(cell)
                        for column, cell in zip(table.columns, row, strict=True)
                    }
                    for row in table.rows
                ],
                "notes": list(table.notes),
            }
            for table in tables
        }
    )


def _plain(cell: Cell) -> Any:
    if isinstance(cell, (Estimate, Difference)):
        return {"value": cell.value, "low": cell.low, "high": cell.high}
    return cell
