"""Tables as data: the same rows become HTML, CSV and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Literal

from markupsafe import Markup, escape

from massive_kit.files import jsonio
from massive_kit.publish.text import csv_text, safe_text

Datum = str | float | int | bool | None
# Between the values of a facet that a row has several of; `board.js` parts them alike.
SEVERAL = " + "
_NOTHING = Markup("")
Direction = Literal["ascending", "descending"]


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One cell.

    Attributes:
        html: What the page shows.
        data: One value for each of the column's fields.
        sort: What the column sorts by; `None` sorts last.
        css: Class names.
    """

    html: Markup
    data: tuple[Datum, ...] = ()
    sort: str | float | None = None
    css: str = ""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column.

    Attributes:
        key: Short name in the page's address.
        title: Heading.
        kind: `head` names the row, `text` reads left, `number` aligns right, `plot` is a drawing.
        fields: Names of its values in CSV and JSON.
        hint: What the heading means, said in full.
        first: The direction that the first press sorts in.
        extra: Drawn below the heading, such as an axis.
        href: Where the heading leads, relative to the top of the site.
    """

    key: str
    title: str
    kind: Literal["head", "text", "number", "plot"] = "text"
    fields: tuple[str, ...] = ()
    hint: str = ""
    first: Direction = "ascending"
    extra: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row; `facets` are what filters look at."""

    cells: Sequence[BoardCell]
    facets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above a table; the options are the values of that facet."""

    facet: str
    label: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardTable:
    """A table of the site.

    Attributes:
        name: Short name, unique on its page: anchor, file name, prefix in the page's address.
        caption: What it shows, in a sentence.
        columns: Its columns.
        rows: Its rows, in the order `order` says.
        order: The column that it comes sorted by, and how.
        notes: Sentences below it.
        filters: Choices above it.
        css: Class names.
        search: Whether it can be searched.
        title: Heading above it, where the page has none of its own.
        figure: Drawn above it; its rows have the numbers.
    """

    name: str
    caption: str
    columns: Sequence[BoardColumn]
    rows: Sequence[BoardRow]
    order: tuple[str, Direction] | None = None
    notes: Sequence[str | Markup] = ()
    filters: Sequence[Filter] = ()
    css: str = ""
    search: bool = False
    title: str = ""
    figure: Markup = _NOTHING


def filters_of(rows: Sequence[BoardRow], labels: Mapping[str, str]) -> list[Filter]:
    """A filter for each facet that has at least two values in the rows."""
    filters = []
    for facet, label in labels.items():
        values = sorted(
            {
                value
                for row in rows
                if row.facets.get(facet)
                for value in row.facets[facet].split(SEVERAL)
            }
        )
        if len(values) > 1:
            filters.append(Filter(facet, label, tuple(values)))
    return filters


@cache
def facet_attribute(facet: str) -> str:
    """The attribute of a row that holds a facet; `board.js` forms it alike.

    A facet may be any column of a language table, so that its name may hold what an attribute's
    must not.
    """
    return "data-" + re.sub(r"""[\x00-\x20"'<>/=_\x7f]+""", "-", facet)


def to_csv(table: BoardTable) -> str:
    """The table as CSV: scores in 0..1, nothing that a spreadsheet would run."""
    lines = [",".join(map(_quoted, _fields(table)))]
    # Nearly all values are floats.
    lines += [
        ",".join([repr(v) if v.__class__ is float else _csv(v) for v in values])
        for values in _values(table)
    ]
    return "\r\n".join(lines) + "\r\n"


@lru_cache(maxsize=50_000)
def _quoted(text: str) -> str:
    safe = csv_text(text)
    if any(character in safe for character in ',"\r\n'):
        return '"' + safe.replace('"', '""') + '"'
    return safe


def to_json(table: BoardTable) -> str:
    """The table as JSON: one object per row."""
    fields = _fields(table)
    rows = [
        dict(
            zip(
                fields,
                [safe_text(v) if isinstance(v, str) else v for v in values],
                strict=True,
            )
        )
        for values in _values(table)
    ]
    return jsonio.dumps_ordered({"table": safe_text(table.caption), "rows": rows})


def rows_html(table: BoardTable) -> Markup:
    """The rows as HTML; written here and not in the template as a board has 500,000 cells."""
    kinds = [(column.kind, f'<td class="{column.kind}') for column in table.columns]
    lines = []
    for row in table.rows:
        parts = [f"<tr{_facets_html(tuple(row.facets.items()))}>"]
        for cell, (kind, start) in zip(row.cells, kinds, strict=True):
            if kind == "plot":
                parts.append(f'{start}">{cell.html}</td>')
                continue
            sort = cell.sort
            if sort is None:
                key = ""
            else:
                key = _key_html(sort) if isinstance(sort, str) else f' data-v="{sort:.7g}"'
            if kind == "head":
                parts.append(f'<th scope="row"{key}>{cell.html}</th>')
            elif cell.css:
                parts.append(f'{start} {cell.css}"{key}>{cell.html}</td>')
            else:
                parts.append(f'{start}"{key}>{cell.html}</td>')
        parts.append("</tr>\n")
        lines.append("".join(parts))
    return Markup("".join(lines))  # noqa: S704 - cells are HTML already, the rest is escaped


@lru_cache(maxsize=50_000)
def _key_html(sort: str) -> str:
    key = escape(safe_text(sort))
    return f' data-v="{key}"' if key else ""


# A system's row and a language's are on many pages.
@lru_cache(maxsize=10_000)
def _facets_html(facets: tuple[tuple[str, str], ...]) -> str:
    return "".join(f' {facet_attribute(name)}="{escape(value)}"' for name, value in facets if value)


def _fields(table: BoardTable) -> list[str]:
    return [name for column in table.columns for name in column.fields]


def _values(table: BoardTable) -> Iterator[list[Datum]]:
    """The values of each row, one for each field."""
    counts = [len(column.fields) for column in table.columns]
    for row in table.rows:
        yield [
            value
            for cell, count in zip(row.cells, counts, strict=True)
            if count
            for value in cell.data
        ]


def _csv(value: Datum) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value)
