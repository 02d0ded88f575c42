"""What intents and slots are called in texts: one word each, none like another.

Most are called by their names. A name with a space, or one that the format uses for something else
(`I` for what goes on a slot, `Other` for no slot), gets a word of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import OTHER
from massive_kit.systems.text_answers.format_settings import INSIDE, TextFormat

# What SentencePiece writes for a space, so that no tokenizer tells one from the other.
_SPACE_MARK = "\u2581"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the word for a token says.

    Attributes:
        slot: A slot's name or `Other`; `None` for the slot of the token before.
        goes_on: The token goes on the span of the token before.
    """

    slot: str | None
    goes_on: bool = False


@dataclass(frozen=True)
class Verbaliser:
    """The words of an inventory in a format.

    Attributes:
        inventory: The intents and slots.
        form: The format.
    """

    inventory: Inventory
    form: TextFormat

    @cached_property
    def intent_words(self) -> dict[str, str]:
        """The word for each intent."""
        return _words(self.inventory.intents)

    @cached_property
    def intents(self) -> dict[str, str]:
        """The intent of each word."""
        return {word: intent for intent, word in self.intent_words.items()}

    @cached_property
    def slot_words(self) -> dict[str, str]:
        """The word for each slot, and for `Other`."""
        outside = self.form.outside
        taken, marks = [outside], [""]
        if self.form.inside == "inside":
            taken.append(INSIDE)
        if self.form.inside == "inside_slot_name":
            marks.append(f"{INSIDE}-")
        return {OTHER: outside, **_words(self.inventory.slots, taken, marks)}

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """What each word for a token says, in a fixed order."""
        words = {word: Meaning(slot) for slot, word in self.slot_words.items()}
        if self.form.inside == "inside":
            return words | {INSIDE: Meaning(None, goes_on=True)}
        if self.form.inside == "inside_slot_name":
            slots = self.inventory.slots
            return words | {self.inside_word(slot): Meaning(slot, goes_on=True) for slot in slots}
        return words

    def inside_word(self, slot: str) -> str:
        """What is written for the second and later tokens of a span."""
        word = self.slot_words[slot]
        if slot == OTHER or self.form.inside == "slot_name":
            return word
        return INSIDE if self.form.inside == "inside" else f"{INSIDE}-{word}"

    def words_after(self, slot: str) -> list[str]:
        """What may stand for a token after one of that slot, or of `Other`."""
        words = [*self.slot_words.values()]
        if slot != OTHER and self.form.inside != "slot_name":
            words.append(self.inside_word(slot))
        return words


def _words(
    names: Sequence[str], taken: Collection[str] = (), marks: Collection[str] = ("",)
) -> dict[str, str]:
    """A word for each name: the name itself where that is one word and free.

    Args:
        names: The names.
        taken: Words that stand for something else.
        marks: What words are written with; no marked word may be like another.
    """
    used = {*taken}
    words: dict[str, str] = {}

    def give(name: str, word: str) -> bool:
        marked = {f"{mark}{word}" for mark in marks}
        if used & marked:
            return False
        used.update(marked)
        words[name] = word
        return True

    # Names that may stay as they are come first, so that no other name takes their word.
    left = [name for name in names if name != _joined(name) or not give(name, name)]
    for name in left:
        word = _joined(name)
        while not give(name, word):
            word += "_"
    return {name: words[name] for name in names}


def _joined(name: str) -> str:
    return "_".join(name.replace(_SPACE_MARK, " ").split()) or "_"
