"""`massive-kit export hf-dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, out
from massive_kit.cli.options import (
    Format,
    FormatOption,
    LanguagesOption,
    OutOption,
    StoreName,
    folder_written_to,
)


def hf_dataset(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Folder to write.", file_okay=False),
    ] = None,
    data: StoreName = None,
    locale: Annotated[
        list[str] | None, typer.Option("--locale", help="Only this locale; may be repeated.")
    ] = None,
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
    out_: OutOption = None,
) -> None:
    """Write a store as a DatasetDict for `datasets.load_from_disk`, with ClassLabel features."""
    from massive_kit.data.opening import open_data
    from massive_kit.exports.hf_dataset import write_hf_dataset
    from massive_kit.files import jsonio
    from massive_kit.files.atomic import refuse_foreign
    from massive_kit.languages import LanguageTable

    folder = folder_written_to(path, out_)
    refuse_foreign(folder, "dataset_dict.json")
    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    chosen = table.find(locale, store.locales, f"the store {store.name}") if locale else None
    counts = write_hf_dataset(store, folder, chosen)
    if form is Format.json:
        emit(jsonio.dumps({"folder": str(folder), "rows": counts}))
        return
    rows = ", ".join(f"{split} {count:,}" for split, count in counts.items())
    out.print(f"{rows} -> {folder}")
