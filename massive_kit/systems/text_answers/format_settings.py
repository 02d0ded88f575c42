"""How labels are written as text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class TextFormat(Strict):
    """How an utterance with its labels is written as text; every setting can be read back.

    Attributes:
        prompt: Text before the words of the input; "" for none.
        intent_first: Whether the intent is written before the labels rather than after them.
        words: Whether each label follows its word, so that the output repeats the utterance.
        inside: What is written for the second and later words of a slot: the slot's name again
            (`slot_name`), the name with a mark (`inside_slot_name`: `I-date`), or the mark alone
            (`inside`: `I`).
        outside: What is written for words outside of slots; without spaces.
    """

    prompt: str = "Annotate: "
    intent_first: bool = False
    words: bool = False
    inside: Literal["slot_name", "inside_slot_name", "inside"] = "slot_name"
    outside: str = Field(default="Other", pattern=r"^\S+$")
