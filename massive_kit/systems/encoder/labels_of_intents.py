"""Which slots stood together with which intent in training."""

from __future__ import annotations

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import rows_of
from massive_kit.systems.encoder.dataset import EncoderDataset


def labels_of_intents(
    data: EncoderDataset, inventory: Inventory, known_before: list[list[int]] | None = None
) -> list[list[int]]:
    """For each intent the labels of the slots that stand in training rows with it, and `Other`.

    Under `brackets` a slot has two labels, of which training may show one only: a slot that was
    always one token long may be longer.

    Args:
        data: The training rows.
        inventory: Their labels.
        known_before: For each intent the labels that a base saw with it; they are taken along.
    """
    intents = data.intents[rows_of(data.token_offsets)]
    known = (intents >= 0) & (data.labels >= 0)
    slots = inventory.slot_numbers(data.labels[known])
    # As one number per pair: numpy sorts those a good deal faster than columns.
    stride = int(slots.max(initial=0)) + 1
    pairs = np.unique(intents[known].astype(np.int64) * stride + slots)
    labels_of_slots = inventory.slot_numbers(np.arange(len(inventory.labels)))
    before = known_before or [[0]] * len(inventory.intents)
    return [
        np.union1d(
            before[intent],
            np.flatnonzero(
                np.isin(labels_of_slots, [0, *(pairs[pairs // stride == intent] % stride)])
            ),
        ).tolist()
        for intent in range(len(inventory.intents))
    ]
