"""Runs a joint model over encoded utterances, longest together with longest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.spans import well_formed
from massive_kit.engine.batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.joint_decoding import (
    Decoded,
    allowed_mask,
    decode,
    speaking_subwords,
)
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.predicted_labels import PredictedLabels


@torch.inference_mode()
def infer(
    model: JointModel,
    data: EncoderDataset,
    inventory: Inventory,
    *,
    budget: int = 8192,
    precision: str = "fp32",
) -> PredictedLabels:
    """The most likely intent of each utterance, -1 without intents, and label of each token.

    They are read one by one, or together where the model's configuration has `allowed_labels`.
    Labels are such as IOB2 allows, where the inventory's scheme asks for it.
    """
    device = next(model.parameters()).device
    order = np.argsort(data.lengths, kind="stable")
    intents = np.empty(len(data), np.int32)
    subwords = np.empty(len(data.subwords), np.int16)
    was_training = model.training
    model.eval()
    pending = []
    together = _together(model, data)
    with autocast(device, precision):
        for rows in length_batches(data.lengths, order, budget):
            batch = data.batch(rows)
            on_device = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
            output = model(**on_device)
            decoded = together(output, rows, batch["attention_mask"])
            # Only labels leave the device, and only at the end, so that no step waits for the one
            # before.
            pending.append(
                (
                    rows,
                    batch["attention_mask"].numpy(),
                    decoded.intents.to(torch.int32),
                    decoded.labels.to(torch.int16),
                )
            )
    for rows, inside, intent, slots in pending:
        intents[rows] = intent.cpu().numpy()
        columns = np.arange(inside.shape[1])
        at = data.subword_offsets[rows][:, None] + columns
        subwords[at[inside]] = slots.cpu().numpy()[inside]
    model.train(was_training)
    return PredictedLabels(intents, _token_labels(subwords, data, inventory))


def _token_labels(
    subwords: NDArray[np.int16], data: EncoderDataset, inventory: Inventory
) -> NDArray[np.int16]:
    """Flat, the label of each token, from those of the subwords."""
    speaking = data.token_subwords
    labels = subwords[speaking]
    # One subword that speaks for several tokens has one label, which begins one span at most.
    shared = np.flatnonzero(speaking[1:] == speaking[:-1]) + 1
    labels[shared] = inventory.continued(labels[shared])
    return well_formed(labels, data.token_offsets, inventory)


def _intents(output: JointOutput) -> torch.Tensor:
    if output.intent_logits is None:
        assert output.slot_logits is not None
        return output.slot_logits.new_full(output.slot_logits.shape[:1], -1, dtype=torch.int32)
    return output.intent_logits.argmax(-1)


def _together(
    model: JointModel, data: EncoderDataset
) -> Callable[[JointOutput, NDArray[np.int64], torch.Tensor], Decoded]:
    """How a batch's logits are read."""
    pairs = model.config.allowed_labels
    if not pairs:
        return lambda output, *_: Decoded(_intents(output), output.slot_logits.argmax(-1))
    device = next(model.parameters()).device
    allowed = allowed_mask(pairs, len(model.config.labels), device)
    spoken = speaking_subwords(data)

    def read(output: JointOutput, rows: NDArray[np.int64], inside: torch.Tensor) -> Decoded:
        columns = np.arange(inside.shape[1])
        at = np.where(inside.numpy(), data.subword_offsets[rows][:, None] + columns, 0)
        speaks = torch.from_numpy(spoken[at]) & inside
        return decode(
            output.intent_logits, output.slot_logits, speaks.to(device, non_blocking=True), allowed
        )

    return read
