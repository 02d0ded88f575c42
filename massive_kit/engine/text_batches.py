"""Batches of text objectives: texts, corrupted anew in each pass."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.corruption import Corrupter
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.engine.texts import Texts

# After so many passes the same draws come again: a plan holds a number for each row of each pass.
_MOST_COPIES = 32
_MOST_ROWS = 8_000_000


class TextBatches(BatchDataset):
    """Texts as batches: `input_ids`, `attention_mask` and `labels`.

    With `placed`, for a head that tells subwords at a few places alone, `places` has these: where
    labels stand in the batch, flat.

    Row `i` of copy `c` has the number `c * len(texts) + i`. What is drawn for it hangs on that
    number and the seed, so that a run that goes on draws what it would have drawn.
    """

    def __init__(
        self,
        texts: Texts,
        corrupter: Corrupter,
        seed: int,
        copies: int = 1,
        *,
        placed: bool = False,
    ) -> None:
        self.texts = texts
        self.corrupter = corrupter
        self.seed = seed
        self.copies = copies
        self.placed = placed
        longest = np.argsort(texts.lengths, kind="stable")[-1:]
        # A text may gain an end.
        made = corrupter(texts.rows(longest, longest), seed)
        self.longest = max(len(made.inputs), len(made.labels))

    def __len__(self) -> int:
        """The number of rows, over all copies."""
        return len(self.texts) * self.copies

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Rows filled up to the longest of them."""
        rows = np.asarray(rows, np.int64)
        texts = self.texts.rows(rows % len(self.texts), rows)
        made = self.corrupter(texts, self.seed)
        ids, inside = padded(made.inputs, made.input_offsets, self.texts.pad)
        labels, _ = padded(made.labels, made.label_offsets, NO_LABEL)
        batch = {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "labels": torch.from_numpy(labels),
        }
        if self.placed:
            batch["places"] = torch.from_numpy(np.flatnonzero(labels != NO_LABEL))
        return batch


def copies_of(epochs: float, rows: int) -> int:
    """How many copies of so many rows a run goes through."""
    return max(1, min(math.ceil(epochs), _MOST_COPIES, _MOST_ROWS // max(1, rows)))


def padded(
    values: NDArray[np.int32], offsets: NDArray[np.int64], fill: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows filled up to the longest of them, and where they are not filled."""
    lengths = np.diff(offsets)
    inside = np.arange(lengths.max(initial=1)) < lengths[:, None]
    filled = np.full(inside.shape, fill, np.int64)
    filled[inside] = values
    return filled, inside
