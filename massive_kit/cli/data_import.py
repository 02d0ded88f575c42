"""`massive-kit data import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out, progress


def import_(
    path: Annotated[
        Path, typer.Argument(help="The official .tar.gz, a folder of JSONL, or a file.")
    ],
    name: Annotated[str, typer.Option(help="What to call it; what --data takes.")],
) -> None:
    """Import a raw data set into the store."""
    from massive_kit.data.home import stores
    from massive_kit.data.importing import import_data

    with progress("importing", 52) as bar:
        task = bar.task_ids[0]
        store = import_data(
            path,
            stores() / name,
            name=name,
            version=name if name in {"1.0", "1.1"} else "",
            progress=lambda _file, _rows: bar.advance(task),
        )
    total = sum(part.rows for own in store.parts.values() for part in own.values())
    out.print(f"{total:,} utterances in {len(store.locales)} locales -> {store.path}")
