"""Batches as a text-to-text model takes them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts, padded


class Seq2SeqBatches(BatchDataset):
    """Labelled texts, of which a data loader takes whole batches."""

    def __init__(self, texts: LabelledTexts, pad: int) -> None:
        self.texts = texts
        self.pad = pad
        # Encoder and decoder have positions of their own.
        both = (np.diff(texts.input_offsets), np.diff(texts.target_offsets))
        self.longest = int(max(lengths.max(initial=0) for lengths in both))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.texts)

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Rows padded to the longest of them."""
        texts = self.texts
        ids, inside = padded(texts.inputs, texts.input_offsets, rows, self.pad)
        labels, _ = padded(texts.targets, texts.target_offsets, rows, NO_LABEL)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "labels": torch.from_numpy(labels),
        }
