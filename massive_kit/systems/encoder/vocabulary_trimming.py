"""Vocabulary trimming: trains only the embedding rows of the subwords that occur.

Exact: a row that never occurs gets no gradient, so that all an optimiser does to it is weight
decay, step by step. One more row of ones, which no text refers to, goes through the same steps and
ends as the factor for all rows left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from massive_kit.engine.embedding_rows import embedding_of
from massive_kit.systems.encoder.joint_model import JointModel


@dataclass(frozen=True, slots=True)
class TrimmedVocabulary:
    """What is needed to go from the full matrix to a small one and back.

    Attributes:
        kept: The full ids of the rows that stay, ascending.
        full: The matrix before training, which `restore` changes in place. It is not copied: a
            matrix that stands in a file is read from there.
    """

    kept: NDArray[np.int32]
    full: Tensor

    @property
    def table(self) -> NDArray[np.int32]:
        """Shape (vocabulary,): the small id of each full id, -1 for those left out."""
        table = np.full(len(self.full), -1, np.int32)
        table[self.kept] = np.arange(len(self.kept), dtype=np.int32)
        return table


class Subwords(Protocol):
    """A data set, labelled or text alone."""

    @property
    def subwords(self) -> NDArray[np.int32]:
        """Flat, the ids that occur."""

    @property
    def special(self) -> NDArray[np.int32]:
        """The ids of what is not text."""

    @property
    def pad(self) -> int:
        """The id that fills rows up."""


def trim(model: JointModel, sets: Iterable[Subwords]) -> TrimmedVocabulary:
    """Cuts the embedding matrix to the subwords of some sets, which are then to be `remapped`."""
    embedding = model.get_input_embeddings()
    full = embedding.weight.detach()
    occurs = np.zeros(len(full), np.bool_)
    highest = 0
    for dataset in sets:
        occurs[dataset.subwords] = True
        occurs[dataset.special] = True
        highest = max(highest, dataset.pad)
    # Bodies tell padding by its id, so that it must keep it, and with it all below.
    occurs[: highest + 1] = True
    kept = np.flatnonzero(occurs).astype(np.int32)
    rows = torch.cat([full[torch.from_numpy(kept).long()], torch.ones(1, full.shape[1])])
    model.set_input_embeddings(embedding_of(rows, embedding))
    return TrimmedVocabulary(kept, full)


def restore(model: JointModel, trimmed: TrimmedVocabulary) -> None:
    """Puts the trained rows back into the full matrix, and that into the model; once.

    In place, since a second matrix would be the most memory that a run of a small encoder takes.
    """
    embedding = model.get_input_embeddings()
    rows = embedding.weight.detach().to("cpu", torch.float32)
    # Rows that are not trained are as they were.
    if embedding.weight.requires_grad:
        trimmed.full.mul_(rows[-1])
        trimmed.full[torch.from_numpy(trimmed.kept).long()] = rows[:-1]
    model.set_input_embeddings(embedding_of(trimmed.full, embedding))
