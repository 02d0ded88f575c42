"""Scores all labels as continuations of prompts, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from massive_kit.systems.prompted.local.batch_reading import Ending, Ids
from massive_kit.systems.prompted.local.branches import Branch, BranchingReader, Place, Read, Tree


@dataclass(frozen=True)
class ScoredLabels:
    """The labels behind a prompt.

    Attributes:
        scores: Shape (labels,), the logarithm of each label's probability.
        read: Where they were read.
    """

    scores: Tensor
    read: Read


@dataclass(frozen=True)
class LabelTree:
    """The tokens of all labels, common beginnings once.

    Attributes:
        labels: The tokens of each label.
    """

    labels: tuple[Ids, ...]

    def score(self, reader: BranchingReader, endings: Sequence[Ending]) -> list[ScoredLabels]:
        """The labels behind each of several texts."""
        branches = [Branch(ending.place, self._tree) for ending in endings]
        reads = reader.read(branches, [self._inner] * len(branches))
        return [
            ScoredLabels(self._scores(ending.logits, read.logits), read)
            for ending, read in zip(endings, reads, strict=True)
        ]

    def place(self, scored: ScoredLabels, label: int) -> Place:
        """The place before the last token of a label, which nothing has followed yet."""
        return scored.read.place(self._paths[label][:-1])

    def _scores(self, before: Tensor, after: Tensor) -> Tensor:
        first = before.float().log_softmax(-1)[self._firsts]
        rest = after.float().log_softmax(-1)[self._rows, self._tokens]
        owners = self._owners.to(rest.device)
        return (first + torch.zeros_like(first).index_add(0, owners, rest)).cpu()

    @cached_property
    def _tree(self) -> Tree:
        # The last token of a label is scored, and not read.
        return Tree.of([label[:-1] for label in self.labels])

    @cached_property
    def _paths(self) -> list[list[int]]:
        return [[*self._tree.path(label[:-1]), -1] for label in self.labels]

    @cached_property
    def _inner(self) -> list[int]:
        return [*range(len(self._tree.tokens))]

    @cached_property
    def _firsts(self) -> list[int]:
        return [label[0] for label in self.labels]

    @cached_property
    def _steps(self) -> list[tuple[int, int, int]]:
        """Label, place in the tree and token of every token but the first ones."""
        return [
            (number, path[at - 1], label[at])
            for number, (label, path) in enumerate(zip(self.labels, self._paths, strict=True))
            for at in range(1, len(label))
        ]

    @cached_property
    def _owners(self) -> Tensor:
        return torch.tensor([number for number, _, _ in self._steps], dtype=torch.long)

    @cached_property
    def _rows(self) -> list[int]:
        return [place for _, place, _ in self._steps]

    @cached_property
    def _tokens(self) -> list[int]:
        return [token for _, _, token in self._steps]
