"""`massive-kit data import`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, out, progress, show_error
from massive_kit.cli.import_report import import_json, report_import
from massive_kit.cli.options import Format, LanguagesOption, ReplaceOption
from massive_kit.counted import counted
from massive_kit.errors import DataError, UsageError

_OFFICIAL = {"1.0", "1.1", "heldout"}


class SpanScheme(StrEnum):
    """What a span of a slot is: touching ones of one slot are one, or stay two."""

    runs = "runs"
    brackets = "brackets"


def import_(
    path: Annotated[
        Path,
        typer.Argument(help="A folder, a file or an archive (tar, zip), in any known format."),
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
    inventory: Annotated[
        list[str] | None,
        typer.Option(
            help="The labels that rows may have, whether all occur or not: a file, `massive`, or a"
            " store by name; repeat to join several. Other labels are refused."
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Keep the good rows although others are bad.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Write bad rows with reasons here. Default: in the store."),
    ] = None,
    source_format: Annotated[
        str | None,
        typer.Option("--from", help="The format of the source. Default: recognised by content."),
    ] = None,
    locale: Annotated[
        str | None, typer.Option(help="The locale of rows whose file and path name none.")
    ] = None,
    partition: Annotated[
        str | None, typer.Option(help="The partition of rows whose file and path name none.")
    ] = None,
    scheme: Annotated[
        SpanScheme | None,
        typer.Option(
            help="What a slot's span is. Default: runs with MASSIVE's labels and with tags that"
            " say no more, else brackets."
        ),
    ] = None,
    replace: ReplaceOption = False,
    form: Annotated[
        str,
        typer.Option("--format", help="How to print: text or json; or a source format, as --from."),
    ] = Format.text,
) -> None:
    """Import a raw data set into the store."""
    from massive_kit.data.declared_inventory import declared_inventory
    from massive_kit.data.home import store_folder
    from massive_kit.data.intake.importing import import_source
    from massive_kit.data.intake.label_maps import LabelMaps, read_map
    from massive_kit.data.intake.recognition import check_format
    from massive_kit.data.intake.source_options import SourceOptions
    from massive_kit.files import jsonio
    from massive_kit.languages import LanguageTable

    if form not in [*Format]:
        if source_format not in {None, form}:
            raise UsageError(f"--from {source_format} and --format {form} name two formats")
        source_format, form = check_format(form, "text or json for the output, or "), Format.text
    table = LanguageTable.load(languages)
    meant = table.match(locale) if locale is not None else None
    if meant is not None and meant.problem:
        raise UsageError(f"--locale: {meant.problem}; {meant.hint or 'give one such as de-DE'}")
    maps = LabelMaps(
        intents=read_map(intent_map) if intent_map else None,
        tags=read_map(slot_map) if slot_map else None,
    )
    try:
        with progress("importing", 52) as bar:
            task = bar.task_ids[0]
            imported = import_source(
                path,
                store_folder(name),
                name=name,
                version=(name if name in _OFFICIAL else "") if version is None else version,
                options=SourceOptions(source_format, locale, partition, maps, table),
                skip_bad=skip_bad,
                rejects=rejects,
                scheme=None if scheme is None else scheme.value,
                declared=declared_inventory(inventory) if inventory else None,
                overwrite=replace,
                progress=lambda _file, _rows: bar.advance(task),
            )
    except DataError as error:
        # Whoever corrects the rows needs all of them, not the first fifty.
        show_error(error, limit=len(error.problems))
        raise typer.Exit(1) from None
    report_import(imported)
    if form == Format.json:
        emit(jsonio.dumps(import_json(imported)))
        return
    store = imported.store
    rows, locales = counted(store.total_rows, "utterance"), counted(len(store.locales), "locale")
    out.print(f"{rows} in {locales} -> {store.path}")
