"""`massive-kit export croissant`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.options import LanguagesOption, StoreName


def croissant(
    data: StoreName = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Default: croissant.json in the store.")
    ] = None,
    languages: LanguagesOption = None,
) -> None:
    """Write Croissant metadata (JSON-LD) of a store; its paths are relative to the store."""
    from massive_kit.data.opening import open_data
    from massive_kit.exports.croissant import croissant as describe
    from massive_kit.files import jsonio
    from massive_kit.files.atomic import atomic_file
    from massive_kit.languages import LanguageTable

    store = open_data(data, ["1.1"], LanguageTable.load(languages))
    path = file or store.path / "croissant.json"
    with atomic_file(path) as stream:
        stream.write(jsonio.dumps_ordered(describe(store)).encode())
    out.print(str(path), soft_wrap=True)
