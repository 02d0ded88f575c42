"""`massive-kit data card`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out, progress
from massive_kit.cli.options import LanguagesOption, StoreName


def card(
    data: StoreName = None,
    locale: Annotated[
        str | None, typer.Option(help="Print the card of this locale and write nothing.")
    ] = None,
    out_folder: Annotated[
        Path, typer.Option("--out", help="Folder for the cards.", file_okay=False)
    ] = Path("data_cards"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if a card is out of date.")
    ] = False,
    languages: LanguagesOption = None,
) -> None:
    """Write Markdown cards of a store and of each of its languages: counts, never a row."""
    from massive_kit.data.inspect.cards import make_cards
    from massive_kit.data.inspect.checks import check_store
    from massive_kit.data.inspect.statistics import locale_statistics
    from massive_kit.data.opening import open_data
    from massive_kit.files.atomic import atomic_file
    from massive_kit.languages import LanguageTable
    from massive_kit.schema.label_descriptions import load_label_descriptions

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    given = [locale] if locale else []
    chosen = table.find(given, store.locales, f"the store {store.name}")
    with progress("counting", 2 * len(store.locales)) as bar:
        task = bar.task_ids[0]
        report = check_store(store, table, progress=lambda _locale: bar.advance(task))
        statistics = []
        for code in store.locales:
            statistics.append(locale_statistics(store, code))
            bar.advance(task)
    cards = make_cards(statistics, report, table, load_label_descriptions())
    if chosen:
        emit(cards.languages[chosen[0]])
        return
    corpus = "massive" if store.version not in {"", "demo"} else store.name
    files = {
        out_folder / "languages" / f"{code}.md": text for code, text in cards.languages.items()
    }
    files[out_folder / f"{corpus}.md"] = cards.corpus
    stale = [path for path, text in files.items() if not _is(path, text)]
    if check:
        for path in stale:
            err.print(f"{path} is out of date")
        if stale:
            raise typer.Exit(1)
        out.print(f"{len(files)} cards are up to date")
        return
    for path in stale:
        with atomic_file(path) as stream:
            stream.write(files[path].encode())
    out.print(f"{len(stale)} of {len(files)} cards written to {out_folder}")


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
