"""Labels out of distributions over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.spans import well_formed
from massive_kit.engine.length_batches import length_batches
from massive_kit.systems.joint_decoding import (
    allowed_mask,
    certainty,
    decode,
    read_apart,
)
from massive_kit.systems.label_transitions import Transitions
from massive_kit.systems.predicted_labels import PredictedLabels

# Most tokens of a batch, filled up.
_BUDGET = 16_384


def read_labels(
    outputs: LabelDistributions,
    allowed: Sequence[Sequence[int]],
    inventory: Inventory,
    transitions: Transitions | None = None,
) -> PredictedLabels:
    """The most likely intent of each utterance, -1 without intents, and label of each token.

    Args:
        outputs: How likely each is.
        allowed: For each intent the labels that may stand with it; empty where any may.
        inventory: The labels; they are such as IOB2 allows, where its scheme asks for it.
        transitions: Shape (labels, labels), what is added where the second label follows the first;
            `None` reads each label for itself.
    """
    intents = np.full(len(outputs), -1, np.int32)
    labels = np.zeros(len(outputs.labels), np.int16)
    confidences = np.zeros(len(outputs), np.float32)
    mask = allowed_mask(allowed, len(inventory.labels), torch.device("cpu")) if allowed else None
    chain = None if transitions is None else torch.from_numpy(transitions)
    lengths = np.diff(outputs.offsets)
    # A batch of texts without tokens has a column, too.
    all_labels = outputs.labels if len(outputs.labels) else np.zeros((1, len(inventory.labels)))
    goes_on = ~outputs.read if outputs.shared is None else outputs.shared
    counted = outputs.read & ~goes_on
    for rows in length_batches(lengths, np.argsort(lengths, kind="stable"), _BUDGET):
        columns = np.arange(lengths[rows].max(initial=1))
        inside = columns < lengths[rows][:, None]
        at = np.where(inside, outputs.offsets[rows][:, None] + columns, 0)
        spoken = inside.copy()
        spoken[inside] = counted[at[inside]]
        of_tokens = torch.from_numpy(all_labels[at]).float()
        of_intents = torch.from_numpy(outputs.intents[rows]).float() if inventory.intents else None
        speaks = torch.from_numpy(spoken)
        if mask is not None and of_intents is not None:
            decoded = decode(of_intents, of_tokens, speaks, mask, chain)
        else:
            decoded = read_apart(of_intents, of_tokens, speaks, chain)
        intents[rows] = decoded.intents.numpy()
        labels[at[inside]] = decoded.labels.numpy()[inside]
        confidences[rows] = certainty(of_intents, of_tokens, decoded, speaks).numpy()
    if chain is not None and outputs.shared is not None:
        # A token without a subword of its own has the label of the one that it shares it with,
        # unless something else is known of it.
        alike = outputs.shared.copy()
        alike[1:] &= (outputs.labels[1:] == outputs.labels[:-1]).all(axis=1)
        places = np.where(alike, 0, np.arange(len(labels)))
        labels = labels[np.maximum.accumulate(places)]
    labels[goes_on] = inventory.continued(labels[goes_on])
    return PredictedLabels(intents, well_formed(labels, outputs.offsets, inventory), confidences)
