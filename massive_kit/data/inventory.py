"""The label inventory: intents with their scenarios, and slots, in one stable order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import BEGIN, INSIDE, SPAN_SCHEMES, SpanScheme
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file

_Integer = TypeVar("_Integer", bound=np.integer[Any])


@dataclass(frozen=True)
class Inventory:
    """All labels that may occur; positions are the integers used in arrays.

    Attributes:
        intents: In order; the integer of an intent is its position.
        slots: In order; the integer of a slot is its position + 1, and 0 is `Other`.
        scenarios: The scenario of each intent that has one.
        scheme: What a span of a slot is, which says what token labels there are.
    """

    intents: tuple[str, ...]
    slots: tuple[str, ...]
    scenarios: Mapping[str, str]
    scheme: SpanScheme = "runs"

    @classmethod
    def massive(cls) -> Inventory:
        """MASSIVE's 60 intents, 18 scenarios and 55 slots, in alphabetical order."""
        return _massive()

    @classmethod
    def of(
        cls,
        intents: Iterable[tuple[str, str | None]],
        slots: Iterable[str],
        scheme: SpanScheme = "runs",
    ) -> Inventory:
        """The inventory of a corpus, from its (intent, scenario) pairs and slots, sorted.

        An intent that stands in several scenarios has none, since it does not say which.
        """
        pairs = set(intents)
        by_intent: dict[str, set[str]] = {intent: set() for intent, _ in pairs}
        for intent, scenario in pairs:
            by_intent[intent] |= {scenario} if scenario else set()
        names = sorted(by_intent)
        scenarios = {name: min(by_intent[name]) for name in names if len(by_intent[name]) == 1}
        return cls(tuple(names), tuple(sorted(set(slots))), scenarios, scheme)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Inventory:
        """The inverse of `to_json`.

        Raises:
            ValueError: Its span scheme is not known.
        """
        intents = value["intents"]
        scenarios = {intent: scenario for intent, scenario in intents.items() if scenario}
        # What earlier versions wrote knew runs alone.
        scheme = value.get("scheme", "runs")
        if scheme not in SPAN_SCHEMES:
            raise ValueError(f"the span scheme {scheme!r} is not one of {', '.join(SPAN_SCHEMES)}")
        return cls(tuple(intents), tuple(value["slots"]), scenarios, scheme)

    def to_json(self) -> dict[str, Any]:
        """As it stands in `store.json`: intents with their scenario, slots, span scheme."""
        intents = {intent: self.scenarios.get(intent) for intent in self.intents}
        return {"intents": intents, "slots": list(self.slots), "scheme": self.scheme}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Token labels by their integer: `Other`, then the slots.

        Under `brackets`, `B-` of all slots and then `I-` of all slots, in the same order.
        """
        if self.scheme == "runs":
            return (OTHER, *self.slots)
        begin, inside = ([f"{mark}{slot}" for slot in self.slots] for mark in (BEGIN, INSIDE))
        return (OTHER, *begin, *inside)

    @cached_property
    def hash(self) -> str:
        """One hash (16 hexadecimal digits) of the labels and their order."""
        return hashlib.sha256(jsonio.dumps_ordered(self.to_json()).encode()).hexdigest()[:16]

    @cached_property
    def scenario_names(self) -> tuple[str, ...]:
        """The scenarios, sorted."""
        return tuple(sorted(set(self.scenarios.values())))

    @cached_property
    def intent_index(self) -> dict[str, int]:
        """The integer of each intent."""
        return {intent: i for i, intent in enumerate(self.intents)}

    @cached_property
    def slot_index(self) -> dict[str, int]:
        """The integer of each slot: its position + 1; 0 is `Other`."""
        return {slot: i for i, slot in enumerate((OTHER, *self.slots))}

    def slot_numbers(self, labels: NDArray[_Integer]) -> NDArray[_Integer]:
        """The integer of the slot of each token label, whatever the scheme; below 0 stays."""
        if self.scheme == "runs" or not self.slots:
            return labels
        return np.where(labels > len(self.slots), labels - len(self.slots), labels).astype(
            labels.dtype
        )

    def continued(self, labels: NDArray[_Integer]) -> NDArray[_Integer]:
        """For each token label, the one of what goes on its span: of `B-x` it is `I-x`.

        Under `runs` it is the label itself.
        """
        count = len(self.slots)
        if self.scheme == "runs" or not count:
            return labels
        begins = (labels > 0) & (labels <= count)
        return np.where(begins, labels + count, labels).astype(labels.dtype)

    @cached_property
    def label_index(self) -> dict[str, int]:
        """The integer of each token label."""
        return {label: i for i, label in enumerate(self.labels)}


@cache
def _massive() -> Inventory:
    path = Path(__file__).with_name("inventory.json")
    return Inventory.from_json(json.loads(path.read_text(encoding="utf-8")))


def write_inventory(folder: Path, inventory: Inventory) -> None:
    """Puts the label inventory beside a model."""
    with atomic_file(folder / "inventory.json") as stream:
        stream.write(jsonio.dumps_ordered(inventory.to_json()).encode())


def read_inventory(folder: Path) -> Inventory:
    """The label inventory beside a model."""
    return Inventory.from_json(jsonio.read_json(folder / "inventory.json"))
