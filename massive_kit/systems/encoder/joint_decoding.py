"""Decoding intent and slots together: what never stood together in training is not predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import rows_of
from massive_kit.systems.encoder.dataset import EncoderDataset

# An intent that is not among the likeliest few does not win by its slots.
_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class Decoded:
    """The most likely reading of a batch.

    Attributes:
        intents: Shape (batch,).
        labels: Shape (batch, subwords).
    """

    intents: Tensor
    labels: Tensor


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


def allowed_mask(allowed: list[list[int]], labels: int, device: torch.device) -> Tensor:
    """Shape (intents, labels): which may go together."""
    mask = torch.zeros(len(allowed), labels, dtype=torch.bool)
    for intent, intent_labels in enumerate(allowed):
        mask[intent, intent_labels] = True
    return mask.to(device)


def decode(intent_logits: Tensor, slot_logits: Tensor, spoken: Tensor, allowed: Tensor) -> Decoded:
    """The intent with the labels allowed to it that are the most likely as a whole.

    Args:
        intent_logits: Shape (batch, intents).
        slot_logits: Shape (batch, subwords, labels).
        spoken: Shape (batch, subwords), whether a subword speaks for a token; others do not count.
        allowed: Shape (intents, labels).
    """
    slots = slot_logits.float().log_softmax(-1)
    best = intent_logits.float().log_softmax(-1).topk(min(_CANDIDATES, intent_logits.shape[-1]))
    fits = allowed[best.indices]
    readings = slots.unsqueeze(1).masked_fill(~fits.unsqueeze(2), -torch.inf).amax(-1)
    whole = best.values + (readings * spoken.unsqueeze(1)).sum(-1)
    intents = best.indices.gather(1, whole.argmax(-1, keepdim=True)).squeeze(1)
    allowed_slots = slots.masked_fill(~allowed[intents].unsqueeze(1), -torch.inf)
    return Decoded(intents, allowed_slots.argmax(-1))
