"""`prompt.jsonl`: all that a prompt is made of but the utterance, frozen when a run is prepared.

Its first line holds the template, the words for labels and what slots stand with which intent; each
further line is a labelled utterance that may stand in a prompt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from massive_kit.errors import MassiveKitError
from massive_kit.files.atomic import atomic_file
from massive_kit.systems.prompted.demonstration import Demonstration

FILE = "prompt.jsonl"
_FORMAT = 1


@dataclass(frozen=True)
class FrozenPrompt:
    """What prompts are made of.

    Attributes:
        template: The template's text.
        instructions: By locale and then by what is asked for (`intent`, `slots`, `both`), the
            instruction; under "" those for other locales.
        languages: The English name of each locale's language.
        descriptions: A line on each intent and slot that has one, under `intents` and `slots`.
        slots_of_intent: The slots that stand with each intent in the training data.
        source_locale: Where demonstrations come from that are not the utterance's own language's.
        demonstrations: What may stand in a prompt; what is drawn comes in the order of the draw.
    """

    template: str
    instructions: Mapping[str, Mapping[str, str]]
    languages: Mapping[str, str]
    descriptions: Mapping[str, Mapping[str, str]]
    slots_of_intent: Mapping[str, Sequence[str]]
    source_locale: str
    demonstrations: tuple[Demonstration, ...]

    @cached_property
    def hash(self) -> str:
        """One hash (16 hexadecimal digits) of everything in it."""
        digest = hashlib.sha256()
        for line in self._lines():
            digest.update(line)
        return digest.hexdigest()[:16]

    @cached_property
    def by_locale(self) -> dict[str, list[Demonstration]]:
        """The demonstrations of each locale, in their order."""
        rows: dict[str, list[Demonstration]] = {}
        for row in self.demonstrations:
            rows.setdefault(row.locale, []).append(row)
        return rows

    def save(self, path: Path) -> None:
        """Writes it as a file, at once or not at all."""
        with atomic_file(path) as stream:
            stream.writelines(self._lines())

    @staticmethod
    def load(path: Path) -> FrozenPrompt:
        """The inverse of `save`.

        Raises:
            MassiveKitError: The file is not there or damaged.
        """
        if not path.is_file():
            raise MassiveKitError(f"{path} is not there; train again")
        line = 0
        demonstrations = []
        try:
            with path.open("rb") as stream:
                head = _head(stream.readline())
                for row in stream:
                    line += 1
                    demonstrations.append(Demonstration.from_json(orjson.loads(row)))
            return replace(head, demonstrations=tuple(demonstrations))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MassiveKitError(
                f"{path}:{line + 1}: not what a run writes: {error}; train again"
            ) from None

    def _lines(self) -> Iterator[bytes]:
        head: dict[str, Any] = {
            "format": _FORMAT,
            "template": self.template,
            "instructions": self.instructions,
            "languages": self.languages,
            "descriptions": self.descriptions,
            "slots_of_intent": self.slots_of_intent,
            "source_locale": self.source_locale,
        }
        yield orjson.dumps(head) + b"\n"
        for demonstration in self.demonstrations:
            yield orjson.dumps(demonstration.to_json()) + b"\n"


def _head(line: bytes) -> FrozenPrompt:
    """What the first line holds."""
    value = orjson.loads(line)
    if value["format"] != _FORMAT:
        raise ValueError(f"format {value['format']}, expected {_FORMAT}")
    return FrozenPrompt(
        template=str(value["template"]),
        instructions=dict(value["instructions"]),
        languages=dict(value["languages"]),
        descriptions=dict(value["descriptions"]),
        slots_of_intent=dict(value["slots_of_intent"]),
        source_locale=str(value["source_locale"]),
        demonstrations=(),
    )
