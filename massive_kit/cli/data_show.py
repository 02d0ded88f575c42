"""`massive-kit data show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, out
from massive_kit.cli.options import Format, FormatOption, LanguagesOption, StoreName
from massive_kit.errors import escape_invisible

if TYPE_CHECKING:
    from rich.text import Text


def show(
    data: StoreName = None,
    locale: Annotated[
        str | None, typer.Option(help="The locale to show. Default: en-US, or the first there is.")
    ] = None,
    partition: Annotated[str | None, typer.Option(help="Default: the largest.")] = None,
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many.")] = 10,
    intent: Annotated[str | None, typer.Option(help="Only this intent.")] = None,
    slot: Annotated[str | None, typer.Option(help="Only rows with this slot.")] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="Only this id; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw at random instead of the first.")] = None,
    languages: LanguagesOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Show utterances with their labels."""
    from massive_kit.data.notation import escape
    from massive_kit.data.opening import open_data
    from massive_kit.data.selection import select_rows
    from massive_kit.languages import LanguageTable

    table = LanguageTable.load(languages)
    store = open_data(data, ["1.1"], table)
    default = "en-US" if "en-US" in store.locales else store.locales[0]
    (chosen,) = table.find([locale or default], store.locales, f"the store {store.name}")
    rows = select_rows(
        store,
        chosen,
        partition,
        count=n,
        intent=intent,
        slot=slot,
        ids=ids,
        seed=seed,
    )
    if form is Format.json:
        from massive_kit.files import jsonio

        for row in rows:
            emit(jsonio.dumps(row, indent=False))
        return
    from rich.text import Text

    width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        line = Text(f"{escape_invisible(row['id']):>{width}} ", style="dim")
        line.append(escape_invisible(row["intent"] or "-"), style="not dim cyan").append("  ")
        annotated = row["annot_utt"] or escape(row["utt"])
        out.print(Text.assemble(line, _colored(annotated)), soft_wrap=True)
    if not rows:
        out.print("no row matches")


def _colored(annotated: str) -> Text:
    from rich.text import Text

    from massive_kit.data.notation import escape, parse

    text = Text()
    for segment in parse(annotated):
        shown = escape_invisible(escape(segment.text))
        if segment.slot is None:
            text.append(shown)
        else:
            text.append("[", style="dim").append(segment.slot, style="green")
            text.append(" : ", style="dim").append(shown, style="bold")
            text.append("]", style="dim")
    return text
