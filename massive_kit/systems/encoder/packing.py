"""Batches of labelled utterances that stand one after another in sequences of one width."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.engine.packed_batches import PackedPlaces
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.encoder.dataset import EncoderBatches, EncoderDataset


class PackedEncoderBatches(EncoderBatches):
    """The same rows as `EncoderBatches`, packed.

    Attributes:
        packing: Subwords of a sequence.
    """

    def __init__(
        self,
        data: EncoderDataset,
        packing: int,
        further: NDArray[np.int16] | None = None,
        weights: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__(data, further, weights)
        self.packing = packing

    def made(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """What a model reads of some rows, with their labels."""
        return packed_batch(self.data, rows, self.labels, self.packing)


def packed_batch(
    data: EncoderDataset, rows: NDArray[np.int64], labels: NDArray[np.int16], width: int
) -> dict[str, torch.Tensor]:
    """Rows packed into sequences, with `row_numbers` and `row_positions` as a joint model reads.

    Args:
        data: All rows.
        rows: Shape (n,), which of them.
        labels: See `EncoderDataset.subword_labels`.
        width: Subwords of a sequence, at least as many as the longest row has.
    """
    count = len(rows)
    starts = data.subword_offsets[rows]
    places = PackedPlaces.of(data.subword_offsets[rows + 1] - starts, width)
    inside = places.row < count
    at = np.where(inside, np.append(starts, 0)[places.row] + places.position, 0)
    ids = np.where(inside, data.subwords[at], data.pad).astype(np.int64)
    text = inside & ~np.isin(ids, data.special)
    # A row without any text subword is pooled over what it has.
    with_text = np.bincount(places.row[text], minlength=count + 1) > 0
    text |= inside & ~with_text[places.row]
    intents = data.intents[rows].astype(np.int64)
    arrays = {
        "input_ids": ids,
        "text_mask": text,
        "row_numbers": places.row,
        "row_positions": places.position,
        "intent_labels": np.where(intents < 0, NO_LABEL, intents),
        "slot_labels": np.where(inside, labels[at], NO_LABEL).astype(np.int64),
    }
    return {name: torch.from_numpy(value) for name, value in arrays.items()}
