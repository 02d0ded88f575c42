"""`massive-kit data stats`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, out
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, StoreName

if TYPE_CHECKING:
    from massive_kit.data.inspect.statistics import LocaleStatistics, Summary


class Labels(StrEnum):
    """Which labels to count."""

    intents = "intents"
    slots = "slots"


def stats(
    data: StoreName = None,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Only this locale; may be repeated.")
    ] = None,
    partition: Annotated[
        list[str] | None, typer.Option("--partition", help="Only this one; may be repeated.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Group locales: genus, family, script, ...")
    ] = None,
    labels: Annotated[Labels | None, typer.Option(help="Count intents or slots instead.")] = None,
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Count utterances, tokens and labels, per locale or group."""
    from massive_kit.data.inspect.statistics import label_totals, locale_statistics, summaries
    from massive_kit.data.opening import open_data
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    chosen = (
        table.find(locale, store.locales, f"the store {store.name}") if locale else store.locales
    )
    statistics = [locale_statistics(store, code, partition) for code in chosen]
    if labels:
        declared = {"intents": store.inventory.intents, "slots": store.inventory.slots}
        totals = label_totals(statistics, labels.value, declared[labels.value])
        if form is Format.json:
            emit(jsonio.dumps(totals))
        else:
            _print_labels(labels, totals)
        return
    lines = summaries(statistics, table, by)
    if form is Format.json:
        emit(jsonio.dumps([asdict(line) for line in lines]))
        return
    _print(lines, statistics, by)


def _print_labels(labels: Labels, totals: dict[str, int]) -> None:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(labels.value)
    table.add_column("count", justify="right")
    table.add_column("share", justify="right")
    everything = sum(totals.values()) or 1
    for name, count in totals.items():
        table.add_row(name, f"{count:,}", f"{100 * count / everything:.1f} %")
    out.print(table)


def _print(lines: list[Summary], statistics: list[LocaleStatistics], by: str | None) -> None:
    from rich.table import Table

    from massive_kit.data.inspect.statistics import mean_summary

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(by or "locale", no_wrap=True)
    names = ["locales"] if by else []
    names += ["rows", "tokens", "chars", "slots", "with slot", "types", "unseen"]
    for name in names:
        table.add_column(name, justify="right")
    if len(lines) > 1:
        lines = [*lines, mean_summary("all", statistics)]
    for line in lines:
        cells = [str(len(line.locales))] if by else []
        cells += [f"{line.rows:,}", f"{line.tokens:.1f}", f"{line.characters:.1f}"]
        cells += [f"{line.spans:.2f}", f"{100 * line.with_slot:.1f} %", f"{line.types:,.0f}"]
        cells.append("-" if line.unseen is None else f"{100 * line.unseen:.1f} %")
        table.add_row(line.name, *cells)
    out.print(table)
    out.print(
        "tokens, chars and slots: mean per utterance; types: different tokens;"
        " unseen: share of test tokens that train lacks"
        + ("; groups: plain mean of their locales" if by else ""),
        style="dim",
    )
