"""`massive-kit data derive rephrases`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import progress
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, ReplaceOption, StoreName
from massive_kit.errors import UsageError


class By(StrEnum):
    """How text of another language is found that means the same."""

    ids = "ids"
    retrieval = "retrieval"


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
    into: Annotated[
        list[str] | None,
        typer.Option("--into", help="Carry labels into text of this locale, too; repeatable."),
    ] = None,
    by: Annotated[
        By, typer.Option(help="Find that text by ids that several languages share, or by vectors.")
    ] = By.ids,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="Whose sentence vectors: a run, a folder or a name on the hub. Default: the run's."
        ),
    ] = None,
    prefix: Annotated[str, typer.Option(help="What that encoder wants before each text.")] = "",
    cosine: Annotated[
        float, typer.Option(help="Leave out text whose vectors are less near, from 0 to 1.")
    ] = 0.6,
    languages: LanguagesOption = None,
    replace: ReplaceOption = False,
    form: FormatOption = Format.text,
) -> None:
    """Label what users said by what they turned out to mean, without annotators.

    The new store has the rows of the languages whose labels the run has learnt, and of all others
    what was said in episodes that ended in success. Training on it uses what the run used, and the
    resources unlabelled-text and feedback. Texts of the test set are left out and counted.

    --into labels text of further languages by what was said in the others: through ids whose labels
    the run has not learnt (resource parallel-text), or the nearest text by sentence vectors.
    """
    if into:
        require_extra("train", "carrying labels into other languages")
    elif by is not By.ids or encoder is not None:
        raise UsageError("--by and --encoder say how labels are carried; name a locale with --into")
    from massive_kit.cli.data_derive import print_derived
    from massive_kit.data.home import store_folder
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable
    from massive_kit.runs.rephrase_labelling import CarryingSettings, label_rephrases

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    where = f"the store {store.name}"
    chosen = table.find(locale, store.locales, where) if locale else None
    targets = table.find(into, store.locales, where) if into else ()
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
            carrying=CarryingSettings(tuple(targets), by.value, encoder, prefix, cosine),
            overwrite=replace,
            progress=lambda _locale: bar.advance(task),
        )
    print_derived(derived, form)
