"""What commands share that read words with an encoder: options, and how dictionaries print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.options import Format

EncoderBase = Annotated[
    str,
    typer.Option(
        "--base",
        help="The pretrained encoder: a folder, or a name on the hub such as"
        " intfloat/multilingual-e5-small.",
    ),
]
DictionariesOut = Annotated[
    Path, typer.Option("--out", help="Where to write the dictionaries.", file_okay=False)
]
Prefix = Annotated[
    str, typer.Option(help="What the encoder wants before each text; E5 wants 'query: '.")
]
Revision = Annotated[
    str | None,
    typer.Option(help="Branch, tag or commit of the encoder on the hub. Default: its main."),
]
SourceLocale = Annotated[str, typer.Option(help="The locale whose words are translated.")]
Margin = Annotated[float, typer.Option(help="Leave out pairs that are nearer than others by less.")]
Cosine = Annotated[
    float, typer.Option(help="Leave out pairs whose vectors are less near, from -1 to 1.")
]
Most = Annotated[int, typer.Option(min=1, help="Most translations of a word.")]


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
