"""`data_cards/labels.yaml`: a line on each intent and slot, for prompts and for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from massive_kit import content
from massive_kit.schema.config import Strict, check, read_yaml


def _on_one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


Description = Annotated[
    str, BeforeValidator(_on_one_line), StringConstraints(min_length=1, max_length=500)
]


class LabelDescriptions(Strict):
    """What labels mean, a line each; not every label needs one.

    Attributes:
        intents: By intent, what a user wants who says such a thing.
        slots: By slot, what stands in it.
    """

    intents: dict[str, Description] = {}
    slots: dict[str, Description] = {}

    def of(self, intents: Iterable[str], slots: Iterable[str]) -> LabelDescriptions:
        """Those of some labels, in their order."""
        return LabelDescriptions(
            intents=_among(intents, self.intents), slots=_among(slots, self.slots)
        )


def load_label_descriptions() -> LabelDescriptions:
    """The descriptions of the content at hand.

    Raises:
        ConfigError: The file is wrong.
    """
    path = content.find("data_cards", "labels")
    return check(LabelDescriptions, read_yaml(path), str(path))


def _among(names: Iterable[str], lines: Mapping[str, str]) -> dict[str, str]:
    return {name: lines[name] for name in names if name in lines}
