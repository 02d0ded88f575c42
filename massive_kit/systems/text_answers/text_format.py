"""The text-to-text formats: labels written as words, and read back.

The reference's formats (paper, appendix; its `t2t_args`), with two repairs: the marks for the
second and later words of a slot read back for slots of any length, and text that cannot be read
is told apart from text that says something wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.data.inventory import Inventory
from massive_kit.data.tokens import OTHER
from massive_kit.systems.text_answers.format_settings import TextFormat

_INSIDE = "I"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says about an utterance.

    Attributes:
        intent: Its name.
        labels: A slot's name or `Other` for each token.
    """

    intent: str
    labels: list[str]


def write_input(tokens: Sequence[str], form: TextFormat) -> str:
    """What the model reads."""
    return form.prompt + " ".join(tokens)


def write_items(tokens: Sequence[str], answer: Answer, form: TextFormat) -> list[str]:
    """What the model should write, item by item; joined by spaces it is the target."""
    items: list[str] = []
    before = OTHER
    for token, label in zip(tokens, answer.labels, strict=True):
        if form.words:
            items.append(token)
        items.append(_mark(label, before, form))
        before = label
    return [answer.intent, *items] if form.intent_first else [*items, answer.intent]


def choices(inventory: Inventory, form: TextFormat) -> tuple[str, ...]:
    """All that may stand for a token's label."""
    if form.inside == "inside_slot_name":
        inside: tuple[str, ...] = tuple(f"{_INSIDE}-{slot}" for slot in inventory.slots)
    else:
        inside = (_INSIDE,) if form.inside == "inside" else ()
    return (form.outside, *inventory.slots, *inside)


def read_items(
    items: Sequence[str], tokens: int, inventory: Inventory, form: TextFormat
) -> Answer | None:
    """The answer that items give for an utterance of so many tokens, or `None`."""
    per_token = 2 if form.words else 1
    if len(items) != per_token * tokens + 1:
        return None
    intent = items[0] if form.intent_first else items[-1]
    if intent not in inventory.intent_index:
        return None
    marks = (items[1:] if form.intent_first else items[:-1])[per_token - 1 :: per_token]
    labels: list[str] = []
    before = OTHER
    for mark in marks:
        label = _label(mark, before, inventory, form)
        if label is None:
            return None
        labels.append(label)
        before = label
    return Answer(intent, labels)


def read_text(text: str, tokens: int, inventory: Inventory, form: TextFormat) -> Answer | None:
    """As `read_items`, for text; an empty text gives no answer."""
    return read_items(text.split(), tokens, inventory, form)


def _mark(label: str, before: str, form: TextFormat) -> str:
    if label == OTHER:
        return form.outside
    if label != before or form.inside == "slot_name":
        return label
    return _INSIDE if form.inside == "inside" else f"{_INSIDE}-{label}"


def _label(mark: str, before: str, inventory: Inventory, form: TextFormat) -> str | None:
    if mark == form.outside:
        return OTHER
    if form.inside == "inside" and mark == _INSIDE:
        return before if before != OTHER else None
    if form.inside == "inside_slot_name" and mark == f"{_INSIDE}-{before}":
        return before
    return mark if mark in inventory.label_index and mark != OTHER else None
