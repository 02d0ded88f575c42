"""Labelled utterances that stand in prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from massive_kit.data import notation
from massive_kit.data.text_spans import TextSpan


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A labelled utterance.

    Attributes:
        id: Of the utterance.
        locale: Its locale.
        text: As it is written.
        intent: Its intent; `None` where the data have none.
        spans: Its slots, in order.
    """

    id: str
    locale: str
    text: str
    intent: str | None
    spans: tuple[TextSpan, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Demonstration:
        """The inverse of `to_json`.

        Raises:
            ValueError: A slot lies outside of the text.
            KeyError: A key is missing.
        """
        text = str(value["utt"])
        spans = tuple(TextSpan(int(a), int(b), str(slot)) for a, b, slot in value["slots"])
        end = 0
        for span in spans:
            if not end <= span.start < span.end <= len(text):
                raise ValueError(f"slots of {value['id']} do not lie in its text")
            end = span.end
        intent = value["intent"]
        return cls(
            str(value["id"]),
            str(value["locale"]),
            text,
            None if intent is None else str(intent),
            spans,
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in `prompt.jsonl`."""
        return {
            "id": self.id,
            "locale": self.locale,
            "utt": self.text,
            "intent": self.intent,
            "slots": [list(span) for span in self.spans],
        }

    @property
    def annotated(self) -> str:
        """The text with its slots in brackets."""
        return annotated_text(self.text, self.spans)

    @property
    def values(self) -> list[tuple[str, str]]:
        """Name and text of each slot."""
        return [(span.slot, self.text[span.start : span.end]) for span in self.spans]


def annotated_text(text: str, spans: Sequence[TextSpan]) -> str:
    """A text with slots in brackets, which stand apart from what is around them."""
    parts: list[str] = []
    end = 0
    for span in spans:
        before = notation.escape(text[end : span.start])
        if (before or parts) and not before[-1:].isspace():
            before += " "
        if parts and not before[:1].isspace():
            before = f" {before}"
        parts += [before, f"[{span.slot} : {notation.escape(text[span.start : span.end])}]"]
        end = span.end
    rest = notation.escape(text[end:])
    if parts and rest and not rest[0].isspace():
        rest = f" {rest}"
    return "".join([*parts, rest])
