"""What a system understands of an utterance, apart from how it was said."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from massive_kit.data.notation import escape, name_problem, parse
from massive_kit.data.rewriting import phrases_of, rendered
from massive_kit.errors import NotationError


class SlotValue(NamedTuple):
    """A slot and its value, as `normalised` leaves it."""

    slot: str
    value: str


class Interpretation(NamedTuple):
    """An intent and slot values: the state of the chain, whatever words led to it.

    Attributes:
        intent: The intent's name.
        slots: The slots, sorted.
    """

    intent: str
    slots: tuple[SlotValue, ...] = ()

    @classmethod
    def of(cls, intent: str, slots: Iterable[tuple[str, str]]) -> Interpretation:
        """The interpretation of an intent and slots with their values as they were said."""
        values = sorted(SlotValue(slot, normalised(value)) for slot, value in slots)
        return cls(intent, tuple(values))

    @classmethod
    def of_tokens(
        cls,
        intent: str,
        tokens: Sequence[str],
        slots: Sequence[str],
        boundaries: Sequence[int] | None = None,
        *,
        characters: bool,
    ) -> Interpretation:
        """The interpretation of an utterance.

        Args:
            intent: Its intent.
            tokens: Its tokens.
            slots: A slot's name or `Other` for each token.
            boundaries: Tokens that begin a span directly after one of the same slot.
            characters: Whether its locale is scored by character.
        """
        return cls.of(
            intent,
            [
                (phrase.slot, rendered([phrase], characters=characters)[0])
                for phrase in phrases_of(tokens, slots, boundaries)
                if phrase.slot is not None
            ],
        )

    @classmethod
    def parsed(cls, text: str) -> Interpretation:
        """The inverse of `str`.

        Raises:
            NotationError: The text is none of an interpretation.
        """
        segments = parse(text)
        outside = [segment.text.strip() for segment in segments if segment.slot is None]
        intent = outside[0] if segments and segments[0].slot is None else ""
        problem = intent_problem(intent)
        if problem is not None or any(outside[1:]):
            raise NotationError("malformed", problem or "text between or after the slots", 0)
        return cls.of(intent, [(s.slot, s.text) for s in segments if s.slot is not None])

    def __str__(self) -> str:
        """In one line: the intent, then each slot in brackets."""
        slots = (f" [{slot} : {escape(value)}]" for slot, value in self.slots)
        return f"{self.intent}{''.join(slots)}"


def normalised(text: str) -> str:
    """Text whose spelling is compared: composed, without case, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def intent_problem(intent: str) -> str | None:
    """Why a name cannot be that of an intent here; `None` where it can."""
    return name_problem(intent)


def slot_problem(slot: str, value: str) -> str | None:
    """Why a slot or its value cannot stand in an interpretation; `None` where both can."""
    problem = name_problem(slot)
    if problem is not None:
        return f"the slot {slot!r}: {problem}"
    return None if value.strip() else f"the slot {slot!r} has no value"


@dataclass(slots=True)
class InterpretationNumbers:
    """Interpretations as integers, in the order of their first occurrence.

    Attributes:
        interpretations: By number.
    """

    interpretations: list[Interpretation] = field(default_factory=list)
    _numbers: dict[Interpretation, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.interpretations)

    def number(self, interpretation: Interpretation) -> int:
        """The number of an interpretation, a new one where it has none."""
        number = self._numbers.get(interpretation)
        if number is None:
            number = self._numbers[interpretation] = len(self.interpretations)
            self.interpretations.append(interpretation)
        return number

    def find(self, interpretation: Interpretation) -> int | None:
        """The number of an interpretation; `None` where it has none."""
        return self._numbers.get(interpretation)
