"""How labels are written as text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class TextFormat(Strict):
    """How an utterance with its labels is written as text; every setting can be read back.

    Attributes:
        prompt: Stands before the input's words; "" for none.
        intent_first: The intent stands before the labels, not after them.
        words: Each label follows its word, so that the output repeats the utterance.
        inside: What the second and later words of a slot carry: the slot's name again, or a mark of
            their own.
        outside: Stands for words outside of slots.
    """

    prompt: str = "Annotate: "
    intent_first: bool = False
    words: bool = False
    inside: Literal["slot_name", "inside_slot_name", "inside"] = "slot_name"
    outside: str = Field(default="Other", pattern=r"^\S+$")
