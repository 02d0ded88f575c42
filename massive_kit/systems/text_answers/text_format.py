"""The text-to-text formats: labels written as words, and read back.

The reference's formats (paper, appendix; its `t2t_args`), with two repairs: the marks for the
second and later words of a slot read back for slots of any length, and text that cannot be read
is told apart from text that says something wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.data.span_schemes import runs_of, scheme_labels
from massive_kit.data.tokens import OTHER
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.text_answers.verbaliser import Verbaliser


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says about an utterance.

    Attributes:
        intent: Its name.
        labels: A token label of the inventory for each token.
    """

    intent: str
    labels: list[str]


def write_input(tokens: Sequence[str], form: TextFormat) -> str:
    """What the model reads."""
    return form.prompt + " ".join(tokens)


def write_items(tokens: Sequence[str], answer: Answer, verbaliser: Verbaliser) -> list[str]:
    """What the model should write, item by item; joined by spaces it is the target.

    With `inside: slot_name` a span that directly follows one of its slot is not told from it.
    """
    form = verbaliser.form
    words: list[str] = []
    for start, end, slot in runs_of(answer.labels, verbaliser.inventory.scheme):
        further = [verbaliser.inside_word(slot)] * (end - start - 1)
        words += [verbaliser.slot_words[slot], *further]
    items = words
    if form.words:
        items = [item for pair in zip(tokens, words, strict=True) for item in pair]
    intent = verbaliser.intent_words[answer.intent]
    return [intent, *items] if form.intent_first else [*items, intent]


def read_items(items: Sequence[str], tokens: int, verbaliser: Verbaliser) -> Answer | None:
    """The answer that items give for an utterance of so many tokens, or `None`."""
    form = verbaliser.form
    per_token = 2 if form.words else 1
    if len(items) != per_token * tokens + 1:
        return None
    intent = verbaliser.intents.get(items[0] if form.intent_first else items[-1])
    if intent is None:
        return None
    slots: list[str] = []
    boundaries = []
    before = OTHER
    for word in (items[1:] if form.intent_first else items[:-1])[per_token - 1 :: per_token]:
        meaning = verbaliser.meanings.get(word)
        if meaning is None or (
            meaning.goes_on and (before == OTHER or meaning.slot not in {None, before})
        ):
            return None
        if meaning.slot == before != OTHER and not meaning.goes_on and form.inside != "slot_name":
            boundaries.append(len(slots))
        before = before if meaning.slot is None else meaning.slot
        slots.append(before)
    return Answer(intent, scheme_labels(slots, boundaries, verbaliser.inventory.scheme))


def read_text(text: str, tokens: int, verbaliser: Verbaliser) -> Answer | None:
    """As `read_items`, for text; an empty text gives no answer."""
    return read_items(text.split(), tokens, verbaliser)
