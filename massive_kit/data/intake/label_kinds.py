"""Which labels a corpus has: intents and slots, or one of the two alone, but one thing throughout.

A row that lacks what others have may have lost it, and would be scored as if it never had it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import Problem

LabelKind = Literal["intents and slots", "intents alone", "slots alone"]
_HAS = {
    "intents and slots": "an intent and annotated slots",
    "intents alone": "an intent but no annotated slots",
    "slots alone": "annotated slots but no intent",
}


def label_kind(with_intent: NDArray[np.bool_], annotated: NDArray[np.bool_]) -> LabelKind | None:
    """What the labelled rows of a block have; `None` where no row is labelled.

    Args:
        with_intent: Shape (n,), which rows have an intent.
        annotated: Shape (n,), which rows have an annotated utterance.
    """
    if not annotated.any():
        return "intents alone" if with_intent.any() else None
    return "intents and slots" if with_intent.any() else "slots alone"


@dataclass
class LabelKinds:
    """What the blocks of a source have, each with the first place of it."""

    places: dict[LabelKind, tuple[str, int]] = field(default_factory=dict)

    def see(self, lines: Mapping[LabelKind, int], file: str) -> None:
        """Adds a block; `lines` says where its first labelled row stands."""
        for kind, line in lines.items():
            self.places.setdefault(kind, (file, line))

    def add(self, other: LabelKinds) -> None:
        """Adds what another collection has seen."""
        for kind, place in other.places.items():
            self.places.setdefault(kind, place)

    def remarks(self) -> Iterator[str]:
        """What is to be told of a corpus that lacks one of the two, or both."""
        if not self.places:
            yield "no row has a label, neither an intent nor annotated slots"
        if "slots alone" in self.places:
            yield "no row has an intent, so that slots alone are learnt and scored"
        if "intents alone" in self.places:
            yield "no row has annotated slots, so that intents alone are learnt and scored"

    def problems(self) -> Iterator[Problem]:
        """One for each kind, where there are several."""
        if len(self.places) < 2:  # noqa: PLR2004 - more than one kind
            return
        for kind, (file, line) in self.places.items():
            others = " and ".join(_HAS[other] for other in self.places if other != kind)
            what = f"rows with {_HAS[kind]}, and elsewhere with {others}"
            todo = "give all rows the same labels, or import them as stores of their own"
            yield Problem(file, what, "the same labels throughout", todo, line=line)
