"""`massive-kit data import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, err, out, progress, show_error
from massive_kit.cli.options import Format, FormatOption, LanguagesOption
from massive_kit.errors import DataError, escape_invisible

_OFFICIAL = {"1.0", "1.1", "heldout"}


def import_(
    path: Annotated[
        Path,
        typer.Argument(help="The official .tar.gz, a folder of JSONL or Parquet, or a file."),
    ],
    name: Annotated[str, typer.Option(help="What to call it; what --data takes.")],
    version: Annotated[
        str | None,
        typer.Option(help="The version the data claim to be. Default: the name, if it is one."),
    ] = None,
    languages: LanguagesOption = None,
    intent_map: Annotated[
        Path | None,
        typer.Option(help='Names of integer intents, {"0": ...}. Default: the hub\'s order.'),
    ] = None,
    slot_map: Annotated[
        Path | None, typer.Option(help='Names of integer ner_tags, {"0": ...}.')
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Keep the good rows although others are bad.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Write bad rows with reasons here. Default: in the store."),
    ] = None,
    form: FormatOption = Format.text,
) -> None:
    """Import a raw data set into the store."""
    from massive_kit.data.home import store_folder
    from massive_kit.data.intake.importing import import_source
    from massive_kit.data.intake.label_maps import HUB_INTENTS, LabelMaps, read_map
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    maps = LabelMaps(
        intents=read_map(intent_map) if intent_map else HUB_INTENTS,
        tags=read_map(slot_map) if slot_map else (),
    )
    try:
        with progress("importing", 52) as bar:
            task = bar.task_ids[0]
            imported = import_source(
                path,
                store_folder(name),
                name=name,
                version=(name if name in _OFFICIAL else "") if version is None else version,
                languages=LanguageTable.load(languages),
                maps=maps,
                skip_bad=skip_bad,
                rejects=rejects,
                progress=lambda _file, _rows: bar.advance(task),
            )
    except DataError as error:
        # Whoever corrects the rows needs all of them, not the first fifty.
        show_error(error, limit=len(error.problems))
        raise typer.Exit(1) from None
    store = imported.store
    total = store.total_rows
    for given, locale in imported.read_as.items():
        err.print(escape_invisible(f"the locale {given!r} is read as {locale}"), markup=False)
    if imported.rejects:
        err.print(f"{imported.rejected:,} bad rows left out; they are in {imported.rejects}")
    if form is Format.json:
        value = {
            "name": name,
            "path": str(store.path),
            "rows": total,
            "locales": list(store.locales),
            "rejected": imported.rejected,
            "rejects": str(imported.rejects) if imported.rejects else None,
        }
        emit(jsonio.dumps(value))
        return
    out.print(f"{total:,} utterances in {len(store.locales)} locales -> {store.path}")
