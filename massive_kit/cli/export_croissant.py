"""`massive-kit export croissant`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.options import LanguagesOption, StoreName, written_to


def croissant(
    file: Annotated[
        Path | None, typer.Argument(help="Default: croissant.json in the store.")
    ] = None,
    data: StoreName = None,
    out_: Annotated[Path | None, typer.Option("--out", help="The same as the path.")] = None,
    languages: LanguagesOption = None,
) -> None:
    """Write Croissant metadata (JSON-LD) of a store; its paths are relative to the store."""
    from massive_kit.data.opening import open_data
    from massive_kit.exports.croissant import croissant as describe
    from massive_kit.files import jsonio
    from massive_kit.files.atomic import atomic_file
    from massive_kit.languages import LanguageTable

    store = open_data(data, ["1.1"], LanguageTable.load(languages))
    path = written_to(file, out_) or store.path / "croissant.json"
    with atomic_file(path) as stream:
        stream.write(jsonio.dumps_ordered(describe(store)).encode())
    out.print(str(path), soft_wrap=True)
