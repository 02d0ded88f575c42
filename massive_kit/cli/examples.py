"""How `breakdown --errors` shows utterances: slots in brackets, wrong ones in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from massive_kit.cli.console import emit, out
from massive_kit.cli.tables import TableFormat
from massive_kit.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from massive_kit.breakdown.examples import Example, Piece


def print_examples(found: Sequence[Example], form: TableFormat) -> None:
    """Prints examples for people, or as JSON lines.

    Raises:
        UsageError: They are asked for in another format.
    """
    from massive_kit.files import jsonio

    if form is TableFormat.json:
        for one in found:
            emit(jsonio.dumps(asdict(one), indent=False))
        return
    if form is not TableFormat.text:
        raise UsageError("--errors prints text or json")
    from rich.text import Text

    for one in found:
        intents = one.intent
        if one.predicted_intent != one.intent:
            intents += f", predicted {one.predicted_intent or 'none'}"
        head = f"\n{one.locale} {one.id}  {intents}  ({', '.join(one.kinds)})"
        out.print(Text(head, style="dim"), soft_wrap=True)
        for side, pieces in (("gold", one.gold), ("predicted", one.predicted)):
            out.print(Text.assemble((f"{side:11}", "dim"), _text(pieces)), soft_wrap=True)


def _text(pieces: Sequence[Piece]) -> Text:
    from rich.text import Text

    from massive_kit.errors import visible

    text = Text()
    for i, piece in enumerate(pieces):
        if i:
            text.append(" ")
        if piece.slot is None:
            text.append(visible(piece.text))
        else:
            style = "green" if piece.right else "bold red"
            text.append(f"[{piece.slot} : {visible(piece.text)}]", style=style)
    return text
