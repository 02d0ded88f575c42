"""`massive-kit data derive rephrases`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import progress
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, StoreName


def rephrases(
    sessions: Annotated[
        list[Path], typer.Option("--sessions", help="Sessions of users (JSON lines); repeatable.")
    ],
    run: Annotated[Path, typer.Option("--run", help="The finished run that users talked to.")],
    name: Annotated[str, typer.Option(help="What to call the new store; what --data takes.")],
    data: StoreName = None,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Only this locale; repeatable.")
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Leave out texts that are less sure, from 0 to 1.")
    ] = 0.6,
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Label what users said by what they turned out to mean, without annotators.

    The new store has the rows of the languages whose labels the run has learnt, and of all others
    what was said in episodes that ended in success. Training on it uses what the run used, and the
    resources unlabelled-text and feedback. Texts of the test set are left out and counted.
    """
    from massive_kit.cli.data_derive import print_derived
    from massive_kit.data.home import store_folder
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.rephrase_labelling import label_rephrases

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    chosen = table.find(locale, store.locales, f"the store {store.name}") if locale else None
    with progress("writing", len(chosen or store.locales)) as bar:
        task = bar.task_ids[0]
        derived = label_rephrases(
            store,
            run,
            sessions,
            store_folder(name),
            name=name,
            languages=table,
            locales=chosen,
            confidence=confidence,
            progress=lambda _locale: bar.advance(task),
        )
    print_derived(derived, form)
