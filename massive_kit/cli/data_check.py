"""`massive-kit data check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, StoreName
from massive_kit.counted import counted
from massive_kit.errors import escape_invisible

if TYPE_CHECKING:
    from massive_kit.data.inspect.checks import CheckReport

_SHOWN = 4


def check(
    data: StoreName = None,
    languages: LanguagesOption = None,
    reference: str | None = typer.Option(
        None, help="The locale that others are compared with. Default: en-US, if it is there."
    ),
    form: FormatOption = Format.text,
) -> None:
    """Check a store: is it sound, is it what it claims to be, and what should its users know?

    Exit code 1 if its files have changed or the data differ from the version they claim to be.
    """
    from massive_kit.data.inspect.checks import check_store
    from massive_kit.data.opening import open_data
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    base = "en-US"
    if reference is not None:
        (base,) = table.find([reference], store.locales, f"the store {store.name}")
    with progress("checking", len(store.locales)) as bar:
        task = bar.task_ids[0]
        report = check_store(
            store, table, reference=base, progress=lambda _locale: bar.advance(task)
        )
    if form is Format.json:
        emit(jsonio.dumps(report.to_json()))
    else:
        _print(report)
    if not report.ok:
        raise typer.Exit(1)


def _print(report: CheckReport) -> None:
    from rich.table import Table

    locales = counted(report.locales, "locale")
    out.print(f"{report.store}: {counted(report.rows, 'utterance')} in {locales}")
    for line in report.lineage.lines("  ") if report.lineage else ():
        out.print(line, markup=False, soft_wrap=True)
    for name, sizes in report.partitions.items():
        numbers = " or ".join(f"{size:,}" for size in sorted(sizes))
        same = "same ids in all locales" if report.parallel[name] else "ids are not parallel"
        counts = ", ".join(f"{count} {kind}" for kind, count in report.labels[name].items())
        lacks = report.absent.get(name, [])
        without = f"; without {', '.join(lacks[:_SHOWN])}" if lacks else ""
        more = f" and {len(lacks) - _SHOWN} more" if len(lacks) > _SHOWN else ""
        out.print(
            f"  {name}: {numbers} per locale, {same}; {counts}{without}{more}", soft_wrap=True
        )
    for kind, names in report.never.items():
        if names:
            out.print(
                f"  {kind} of the inventory that never occur ({len(names)}): {', '.join(names)}",
                markup=False,
                soft_wrap=True,
            )
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("count", justify="right")
    table.add_column("of")
    table.add_column("most in")
    for result in report.results:
        most = sorted(result.locales.items(), key=lambda item: -item[1])[:_SHOWN]
        where = ", ".join(f"{locale} {count:,}" for locale, count in most)
        style = "yellow" if result.level == "warning" and result.total else None
        table.add_row(f"{result.total:,}", result.title, where, style=style)
    out.print(table)
    for problem in report.problems:
        err.print(
            f"{problem.severity}: {escape_invisible(str(problem))}", markup=False, soft_wrap=True
        )
    claim = f"is MASSIVE {report.version}" if report.version not in {"", "demo"} else "is sound"
    wrong = "is not what it claims to be" if report.version else "is damaged"
    out.print(f"the store {claim}" if report.ok else f"the store {wrong}")
