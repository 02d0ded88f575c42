"""Runs a joint model over encoded utterances, longest together with longest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.systems.encoder.dataset import EncodedSet
from massive_kit.systems.encoder.joint_decoding import Decoded, allowed_mask, decode, spoken_pieces
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Predicted:
    """Labels for n utterances.

    Attributes:
        intents: Shape (n,).
        labels: Flat, one for each token, in the rows' order.
    """

    intents: NDArray[np.int32]
    labels: NDArray[np.int16]


def length_batches(
    lengths: NDArray[np.int64], order: NDArray[np.int64], budget: int
) -> list[NDArray[np.int64]]:
    """Cuts rows in ascending order of length into batches of at most `budget` padded pieces."""
    batches = []
    start = 0
    while start < len(order):
        # As many rows as the longest of them allows; a row longer than the budget goes alone.
        end = start + 1
        limit = min(len(order), start + max(1, budget // max(1, int(lengths[order[start]]))))
        while end < limit and (end - start + 1) * int(lengths[order[end]]) <= budget:
            end += 1
        batches.append(order[start:end])
        start = end
    return batches


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which a model runs in bf16, or as it is for `fp32`."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")


@torch.inference_mode()
def infer(
    model: JointModel,
    data: EncodedSet,
    *,
    budget: int = 8192,
    precision: str = "fp32",
    progress: Progress | None = None,
) -> Predicted:
    """The most likely intent of each utterance and label of each token.

    They are read one by one, or together where the model's configuration has `allowed_labels`.
    """
    device = next(model.parameters()).device
    order = np.argsort(data.lengths, kind="stable")
    intents = np.empty(len(data), np.int32)
    pieces = np.empty(len(data.pieces), np.int16)
    was_training = model.training
    model.eval()
    pending = []
    together = _together(model, data)
    with autocast(device, precision):
        for rows in length_batches(data.lengths, order, budget):
            batch = data.batch(rows)
            on_device = {name: value.to(device, non_blocking=True) for name, value in batch.items()}
            output = model(**on_device)
            found = together(output, rows, batch["attention_mask"])
            # Only labels leave the device, and only at the end, so that no step waits for the one
            # before.
            pending.append(
                (
                    rows,
                    batch["attention_mask"].numpy(),
                    found.intents.to(torch.int32),
                    found.labels.to(torch.int16),
                )
            )
            if progress is not None:
                progress(len(rows))
    for rows, inside, intent, slots in pending:
        intents[rows] = intent.cpu().numpy()
        columns = np.arange(inside.shape[1])
        at = data.piece_offsets[rows][:, None] + columns
        pieces[at[inside]] = slots.cpu().numpy()[inside]
    model.train(was_training)
    return Predicted(intents, pieces[data.token_pieces])


def _together(
    model: JointModel, data: EncodedSet
) -> Callable[[JointOutput, NDArray[np.int64], torch.Tensor], Decoded]:
    """How a batch's logits are read."""
    pairs = model.config.allowed_labels
    if not pairs:
        return lambda output, *_: Decoded(
            output.intent_logits.argmax(-1), output.slot_logits.argmax(-1)
        )
    device = next(model.parameters()).device
    allowed = allowed_mask(pairs, len(model.config.labels), device)
    spoken = spoken_pieces(data)

    def read(output: JointOutput, rows: NDArray[np.int64], inside: torch.Tensor) -> Decoded:
        columns = np.arange(inside.shape[1])
        at = np.where(inside.numpy(), data.piece_offsets[rows][:, None] + columns, 0)
        speaks = torch.from_numpy(spoken[at]) & inside
        return decode(
            output.intent_logits, output.slot_logits, speaks.to(device, non_blocking=True), allowed
        )

    return read
