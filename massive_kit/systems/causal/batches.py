"""Batches as a decoder takes them: utterance and answer in one, the loss on the answer alone."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.ragged import offsets_of, places
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.causal.packing import Packed, pack
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts, padded


class CausalBatches(BatchDataset):
    """Labelled texts, of which a data loader takes whole batches.

    Attributes:
        ids: Flat, the subwords of all rows, each an input and its answer.
        offsets: Shape (n + 1,), where each row begins.
        labels: As `ids`, without the inputs.
    """

    def __init__(self, texts: LabelledTexts, pad: int, packing: int | None = None) -> None:
        self.pad = pad
        self.packing = packing
        self.offsets = offsets_of(texts.lengths)
        self.ids = np.empty(self.offsets[-1], np.int32)
        self.labels = np.full(self.offsets[-1], NO_LABEL, np.int32)
        rows = np.arange(len(texts))
        # An input fills the front of its row, an answer the rest.
        answers = self.offsets[:-1] + np.diff(texts.input_offsets)
        both = np.stack([self.offsets[:-1], answers], 1).ravel()
        parts = np.append(both, self.offsets[-1])
        in_answers = places(parts, 2 * rows + 1)
        self.ids[places(parts, 2 * rows)] = texts.inputs
        self.ids[in_answers] = self.labels[in_answers] = texts.targets
        self.longest = int(texts.lengths.max(initial=0))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.offsets) - 1

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Rows filled up to the longest of them, or packed."""
        if self.packing is not None:
            return self.packed(rows).batch()
        ids, inside = padded(self.ids, self.offsets, rows, self.pad)
        labels, _ = padded(self.labels, self.offsets, rows, NO_LABEL)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "labels": torch.from_numpy(labels),
        }

    def packed(self, rows: NDArray[np.int64]) -> Packed:
        """Rows side by side in sequences, each for itself."""
        assert self.packing is not None
        return pack(
            [self.ids[self.offsets[row] : self.offsets[row + 1]] for row in rows],
            [self.labels[self.offsets[row] : self.offsets[row + 1]] for row in rows],
            width=self.packing,
            pad=self.pad,
        )
