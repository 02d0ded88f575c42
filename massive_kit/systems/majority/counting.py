"""The floor: one intent for everything, and no slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from massive_kit.files import jsonio

_FILE = "majority.json"


@dataclass(frozen=True, slots=True)
class Majority:
    """The intent that was most frequent in training.

    Attributes:
        intent: Its name; `None` where the corpus has no intents.
        share: Its share of the training rows.
    """

    intent: str | None
    share: float

    @classmethod
    def fit(cls, intents: Iterable[str | None]) -> Majority:
        """Counts; of equally frequent intents the first in the alphabet."""
        counts = Counter(intent for intent in intents if intent is not None)
        if not counts:
            return cls(None, 0.0)
        intent = min(counts, key=lambda name: (-counts[name], name))
        return cls(intent, counts[intent] / counts.total())

    def save(self, folder: Path) -> None:
        """Writes it into a folder."""
        jsonio.write_json(folder / _FILE, {"intent": self.intent, "share": self.share})

    @classmethod
    def load(cls, folder: Path) -> Majority:
        """Reads it from a folder."""
        return cls(**jsonio.read_json(folder / _FILE))
