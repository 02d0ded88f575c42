"""Makes what stands beside an encoder's weights, once they are fitted."""

from __future__ import annotations

from dataclasses import replace

import torch

from massive_kit.engine.observer import TextObserver
from massive_kit.systems.encoder.inference_parts import InferenceParts
from massive_kit.systems.encoder.intent_centring import CentringTexts
from massive_kit.systems.encoder.label_rates import PreparedRates
from massive_kit.systems.encoder.neighbour_weight import WeighedNeighbours
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.transitions import LabelTransitions


def fitted_parts(
    system: EncoderSystem,
    neighbours: WeighedNeighbours | None,
    centring: CentringTexts | None,
    rates: PreparedRates | None,
    transitions: LabelTransitions | None,
    observer: TextObserver,
) -> InferenceParts:
    """What `inference` of a recipe asks for.

    Args:
        system: The fitted model alone, with its whole vocabulary.
        neighbours: Training rows that have a say in the intent.
        centring: The text that vectors are centred by.
        rates: The rates of labels; they hold for all that the rest makes of the logits.
        transitions: Which labels stand next to each other.
        observer: Whom to tell how much text is read.
    """
    if centring is not None or rates is not None:
        system.model.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    sources = (source for source in (centring, rates) if source is not None)
    if rates is not None and neighbours is not None:
        neighbours.votes.encoder.body.to(system.model.device)
    observer.reading(sum(source.count for source in sources))
    shifts = None if centring is None else centring.shifts(system.model, observer)
    offsets = None
    if rates is not None:
        votes = None if neighbours is None or not neighbours.votes.weight else neighbours.votes
        offsets = rates.offsets(replace(system, neighbours=votes, shifts=shifts), observer)
    return InferenceParts(neighbours, shifts, offsets, transitions)
