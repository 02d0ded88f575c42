"""Numbers in place of intents: what is left where a model's `id2label` was lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

from massive_kit.data.inventory import Inventory

_NUMBER = re.compile(r"(?:LABEL_)?([0-9]{1,6})")


def is_number(intent: object) -> bool:
    """Whether an intent is a number (`47`), or what transformers calls a class without a name."""
    if isinstance(intent, bool):
        return False
    return isinstance(intent, int) or (
        isinstance(intent, str) and _NUMBER.fullmatch(intent) is not None
    )


def number_hint(intent: object, intents: Sequence[str]) -> str:
    """What to do about such an intent.

    Args:
        intent: The intent.
        intents: Those of the task, in their order.
    """
    todo = "write the name that the model's id2label has for it"
    match = _NUMBER.fullmatch(str(intent))
    number = int(match[1]) if match else -1
    if not 0 <= number < len(intents):
        return todo
    named = f"number {number} is {intents[number]!r} in the order of the alphabet"
    if tuple(intents) == Inventory.massive().intents:
        from massive_kit.data.intake.label_maps import HUB_INTENTS

        named += f", {HUB_INTENTS[number]!r} in the hub's"
    return f"{todo}; {named}"
