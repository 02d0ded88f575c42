"""How labels are written as text."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from massive_kit.schema.config import Strict

# Stands for what goes on a slot.
INSIDE = "I"


class TextFormat(Strict):
    """How an utterance with its labels is written as text; every setting can be read back.

    Attributes:
        prompt: Text before the words of the input; "" for none.
        intent_first: Whether the intent is written before the labels rather than after them.
        words: Whether each label follows its word, so that the output repeats the utterance.
        inside: What is written for the second and later words of a slot: the slot's name again
            (`slot_name`), the name with a mark (`inside_slot_name`: `I-date`), or the mark alone
            (`inside`: `I`). Only the marks tell touching spans of one slot apart.
        outside: What is written for words outside of slots; without spaces.
    """

    prompt: str = "Annotate: "
    intent_first: bool = False
    words: bool = False
    inside: Literal["slot_name", "inside_slot_name", "inside"] = "slot_name"
    outside: str = Field(default="Other", pattern=r"^\S+$")

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.inside == "inside" and self.outside == INSIDE:
            raise ValueError(f"outside: {INSIDE} already stands for what goes on a slot")
        return self
