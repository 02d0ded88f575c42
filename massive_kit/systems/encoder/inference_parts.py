"""What stands beside an encoder's weights in a model folder, and decides how it predicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from massive_kit.systems.encoder.intent_centring import FILE as SHIFTS
from massive_kit.systems.encoder.intent_centring import LanguageShifts
from massive_kit.systems.encoder.intent_neighbours import FOLDER
from massive_kit.systems.encoder.label_offsets import FILE as OFFSETS
from massive_kit.systems.encoder.label_offsets import LabelOffsets
from massive_kit.systems.encoder.neighbour_weight import WeighedNeighbours
from massive_kit.systems.encoder.transitions import FILE as TRANSITIONS
from massive_kit.systems.encoder.transitions import LabelTransitions
from massive_kit.systems.kind import Facts

# The names of all that may be saved so.
PART_NAMES = frozenset({FOLDER, SHIFTS, OFFSETS, TRANSITIONS})


@dataclass(frozen=True, slots=True)
class InferenceParts:
    """What `inference` of a recipe asks for, made for a fitted model.

    Attributes:
        neighbours: Training rows that have a say in the intent.
        shifts: What moves the vectors of languages to where intents were learnt.
        offsets: What moves the labels of languages to the rates that they were learnt with.
        transitions: Which labels stand next to each other.
    """

    neighbours: WeighedNeighbours | None
    shifts: LanguageShifts | None
    offsets: LabelOffsets | None
    transitions: LabelTransitions | None

    def save(self, folder: Path) -> None:
        """Writes them into a model folder."""
        if self.neighbours is not None:
            self.neighbours.votes.save(folder / FOLDER)
        if self.shifts is not None:
            self.shifts.save(folder)
        if self.offsets is not None:
            self.offsets.save(folder)
        if self.transitions is not None:
            self.transitions.save(folder)

    def added_to(self, facts: Facts) -> Facts:
        """The facts of a run with them."""
        return facts if self.neighbours is None else self.neighbours.added_to(facts)
