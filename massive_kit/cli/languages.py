"""`massive-kit languages`: rows of the language table for languages that it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err
from massive_kit.cli.tables import TableFormat, TableFormatOption

if TYPE_CHECKING:
    from massive_kit.analysis.language_facts import LanguageFacts
    from massive_kit.breakdown.tables import Table

_NOTE = (
    "Users: CLDR, second languages included. Features: URIEL+. Nearest: by the distance that"
    " `forecast` reckons with."
)


def languages(
    locale: Annotated[
        list[str], typer.Argument(metavar="LOCALE...", help="Such as ha-NG; several at a time.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="A CSV to add their rows to, for you to correct; what --languages, tasks and"
            " boards take. Rows that it has stay.",
            dir_okay=False,
        ),
    ] = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Register languages that the table lacks: their rows, with what is known of each."""
    from massive_kit.analysis.language_facts import LanguageFacts
    from massive_kit.cli.tables import print_tables
    from massive_kit.errors import UsageError
    from massive_kit.languages import LanguageTable
    from massive_kit.languages.new_rows import add_rows, new_row
    from massive_kit.languages.world.table import WorldTable

    shipped, world = LanguageTable.shipped(), WorldTable.shipped()
    table = LanguageTable.load(out) if out is not None and out.is_file() else shipped
    matches = [table.match(code) for code in locale]
    if problems := [match.problem for match in matches if match.problem]:
        raise UsageError("; ".join(problems))
    codes = [*dict.fromkeys(match.locale for match in matches)]
    rows = {code: table.languages.get(code) or new_row(code, shipped, world) for code in codes}
    facts = [LanguageFacts.of(row, shipped, world) for row in rows.values()]
    print_tables([_table(facts)], form)
    for code in codes:
        if world.find(code) is None:
            err.print(
                f"{code} is not in the table of the world's languages: fill in family and genus",
                markup=False,
                soft_wrap=True,
            )
    if out is None:
        return
    new = [row for code, row in rows.items() if code not in shipped.languages]
    added = add_rows(out, new)
    kept = [code for code in codes if code not in added]
    if kept:
        err.print(f"in the table already: {', '.join(kept)}", markup=False, soft_wrap=True)
    err.print(f"written: {out} ({len(added)} added)", markup=False, soft_wrap=True)


def _table(facts: list[LanguageFacts]) -> Table:
    """A line for each fact, a column for each language."""
    from massive_kit.breakdown.tables import Cell, Column, Table
    from massive_kit.languages.new_rows import COLUMNS

    lines: list[tuple[Cell, ...]] = [
        (name.replace("_", " "), *(each.row.get(name) or "-" for each in facts))
        for name in COLUMNS
        if name not in {"locale", "source"}
    ]
    lines += [
        ("users", *("-" if each.users is None else f"{each.users:,}" for each in facts)),
        ("GiB of text in CC-100", *(f"{each.gib:g}" for each in facts)),
        ("features known", *(_features(each) for each in facts)),
        ("nearest in the table", *(_nearest(each) for each in facts)),
    ]
    columns = (
        Column("fact", "", numeric=False),
        *(Column(each.row.locale, each.row.locale, numeric=False) for each in facts),
    )
    return Table("languages", "Languages", columns, tuple(lines), (_NOTE,))


def _features(facts: LanguageFacts) -> str:
    return ", ".join(f"{area} {known}" for area, known in facts.features.items()) or "-"


def _nearest(facts: LanguageFacts) -> str:
    return ", ".join(f"{code} {distance:.2f}" for code, distance in facts.nearest) or "-"
