"""What is asked about an utterance, and how its answer is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.demonstration import Demonstration

Step = Literal["intent", "slots", "both"]
Form = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Label:
    """An intent or a slot in a prompt.

    Attributes:
        name: Its name.
        description: A line on it; "" for none.
    """

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked about an utterance.

    Attributes:
        utterance: The utterance.
        step: What is asked for.
        form: How the answer is written.
        instruction: What is said first.
        turns: The demonstrations.
        question: What is said last.
        intents: The intents that may be answered.
        slots: The slots that may be answered.
        shown: The intents of the demonstrations.
        blanks: The same asked about nothing, as texts, where that is wanted: what is answered to
            them says how likely an answer is whatever is asked about.
    """

    utterance: Utterance
    step: Step
    form: Form
    instruction: str
    turns: tuple[Turn, ...]
    question: str
    intents: tuple[str, ...]
    slots: tuple[str, ...]
    shown: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()

    @property
    def messages(self) -> list[dict[str, str]]:
        """As a conversation."""
        messages = [{"role": "system", "content": self.instruction}] if self.instruction else []
        for turn in self.turns:
            messages.append({"role": "user", "content": turn.question})
            messages.append({"role": "assistant", "content": turn.answer})
        return [*messages, {"role": "user", "content": self.question}]

    @property
    def text(self) -> str:
        """As one text, which the answer goes on after a space."""
        turns = [f"{turn.question} {turn.answer}" for turn in self.turns]
        return "\n\n".join(
            [*([self.instruction] if self.instruction else []), *turns, self.question]
        )

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an answer."""
        properties: dict[str, Any] = {}
        if self.step != "slots":
            properties["intent"] = {"type": "string", "enum": list(self.intents)}
        if self.step != "intent":
            # Values are copied from the utterance; a list of them would hold letters of any script,
            # which servers get wrong or slow.
            slot = {"slot": {"type": "string", "enum": list(self.slots)}, "value": _STRING}
            properties["slots"] = {"type": "array", "items": _closed(slot)}
        return _closed(properties)

    def holds(self, text: str) -> bool:
        """Whether an answer keeps to the schema, as far as its keys and its intent go."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(value, dict) or {*value} != {*self.schema["required"]}:
            return False
        return "intent" not in value or value["intent"] in self.intents


_STRING = {"type": "string"}


def write_answer(demonstration: Demonstration, step: Step, form: Form) -> str:
    """How a demonstration is answered."""
    if form == "text":
        parts = [] if step == "slots" else [demonstration.intent or ""]
        return "\n".join([*parts, *([] if step == "intent" else [demonstration.annotated])])
    value: dict[str, Any] = {}
    if step != "slots":
        value["intent"] = demonstration.intent
    if step != "intent":
        value["slots"] = [{"slot": slot, "value": words} for slot, words in demonstration.values]
    return json.dumps(value, ensure_ascii=False)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }
