"""`massive-kit data derive pseudo-label`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import progress
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import (
    Format,
    FormatOption,
    LanguagesOption,
    Overrides,
    ReplaceOption,
    StoreName,
)


def pseudo_label(
    run: Annotated[Path, typer.Option("--run", help="The finished run that labels.")],
    name: Annotated[str, typer.Option(help="What to call the new store; what --data takes.")],
    data: StoreName = None,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Label only this locale; repeatable.")
    ] = None,
    partition: Annotated[
        list[str] | None,
        typer.Option("--partition", help="Whose text to label; repeatable. Default: train."),
    ] = None,
    confidence: Annotated[
        float, typer.Option(help="Leave out rows that the run is less sure of, from 0 to 1.")
    ] = 0.0,
    share: Annotated[
        float, typer.Option(help="Of the rows of each intent, take the surest, this share.")
    ] = 1.0,
    agreement: Annotated[
        float | None,
        typer.Option(
            help="Leave out rows that the run reads otherwise when their text is cut into other"
            " subwords, drawn with this smoothing (0.3 to 0.7)."
        ),
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Label so many rows of a language, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the cuts.")] = 0,
    override: Overrides = None,
    languages: LanguagesOption = None,
    replace: ReplaceOption = False,
    form: FormatOption = Format.text,
) -> None:
    """Label text without labels by a run (self-training), and keep what it is sure of.

    A run that does not say how sure it is, such as a text-to-text model, gives all its labels.

    The new store has the rows of the languages whose labels the run has learnt, and of all others
    the rows that it labelled: their own labels are not read. Training on it uses what the run used
    and the resource unlabelled-text. Each round is a store and a run, which knows the run before.
    """
    require_extra("train", "labelling")
    from massive_kit.cli.data_derive import print_derived
    from massive_kit.data.home import store_folder
    from massive_kit.data.opening import open_data
    from massive_kit.languages import LanguageTable
    from massive_kit.runs import pseudo_labelling

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    chosen = table.find(locale, store.locales, f"the store {store.name}") if locale else None
    with progress("writing", len(chosen or store.locales)) as bar:
        task = bar.task_ids[0]
        derived = pseudo_labelling.pseudo_label(
            store,
            run,
            store_folder(name),
            name=name,
            locales=chosen,
            overrides=override or [],
            agreement=agreement,
            seed=seed,
            overwrite=replace,
            progress=lambda _locale: bar.advance(task),
            partitions=tuple(partition or ["train"]),
            confidence=confidence,
            share=share,
            rows=rows,
        )
    print_derived(derived, form)
