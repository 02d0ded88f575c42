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

    from massive_kit.breakdown.examples import Example, ExampleSpan


def print_examples(examples: Sequence[Example], form: TableFormat) -> None:
    """Prints examples for people, or as JSON lines.

    Raises:
        UsageError: Another format is asked for.
    """
    from massive_kit.files import jsonio

    if form is TableFormat.json:
        for example in examples:
            emit(jsonio.dumps(asdict(example), indent=False))
        return
    if form is not TableFormat.text:
        raise UsageError("--errors prints text or json")
    from rich.text import Text

    for example in examples:
        intents = example.intent
        if example.predicted_intent != example.intent:
            intents += f", predicted {example.predicted_intent or 'none'}"
        head = f"\n{example.locale} {example.id}  {intents}  ({', '.join(example.kinds)})"
        out.print(Text(head, style="dim"), soft_wrap=True)
        for side, spans in (("gold", example.gold), ("predicted", example.predicted)):
            out.print(Text.assemble((f"{side:11}", "dim"), _text(spans)), soft_wrap=True)


def _text(spans: Sequence[ExampleSpan]) -> Text:
    from rich.text import Text

    from massive_kit.data.notation import escape
    from massive_kit.errors import escape_invisible

    text = Text()
    for i, span in enumerate(spans):
        if i:
            text.append(" ")
        words = escape_invisible(escape(span.text))
        if span.slot is None:
            text.append(words)
        else:
            style = "green" if span.right else "bold red"
            text.append(f"[{span.slot} : {words}]", style=style)
    return text
