"""How `data induce` and `data induce-from-text` print what they made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.options import Format


def print_dictionaries(
    path: Path,
    facts: Mapping[str, Mapping[str, Any]],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    note: str,
    form: Format,
) -> None:
    """Prints a line for each dictionary.

    Args:
        path: The folder.
        facts: Of each dictionary, for machines.
        heads: What the columns are.
        rows: What is in them, for people.
        note: What the last columns mean.
        form: For whom.
    """
    from rich.table import Table

    from massive_kit.files import jsonio

    if form is Format.json:
        emit(jsonio.dumps({"path": str(path), "dictionaries": facts}))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    out.print(note)
    out.print(f"-> {path}", markup=False, soft_wrap=True)


def warn_of_none(*, any_translated: bool) -> None:
    """Says what to change where nothing has a translation."""
    if not any_translated:
        err.print("no word has a translation; lower --margin or --cosine, or take another encoder")
