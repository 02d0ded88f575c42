"""Reads a batch of prompts, what they have in common once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor
from transformers import DynamicCache

from massive_kit.systems.prompted.local.branches import (
    Branch,
    BranchingReader,
    Place,
    Read,
    Tree,
    read_head,
)
from massive_kit.systems.prompted.local.language_model import LanguageModel

Ids = tuple[int, ...]

# A beginning that is shorter is read again with each batch, and so many are kept.
_SHORTEST_HEAD, _MOST_HEADS = 16, 4


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a text that has been read.

    Attributes:
        place: The place behind it.
        logits: Shape (vocabulary,), of the token that follows.
    """

    place: Place
    logits: Tensor


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch that has been read.

    Attributes:
        reader: What goes on from its places.
        endings: For each row the end of its text.
    """

    reader: BranchingReader
    endings: list[Ending]


@dataclass(frozen=True)
class BatchReader:
    """Reads batches; remembers what they begin with.

    Attributes:
        model: The model.
    """

    model: LanguageModel
    _heads: OrderedDict[Ids, DynamicCache] = field(default_factory=OrderedDict)

    def read(self, texts: Sequence[Ids]) -> ReadBatch:
        """Reads a text in each row; what all have in common is read once for all batches.

        Args:
            texts: The texts; none is empty.
        """
        head = self._head(_common(texts))
        reader = BranchingReader(self.model.model, self._heads.get(head), len(texts))
        branches = [
            Branch(reader.start(row), Tree.chain(ids[len(head) :])) for row, ids in enumerate(texts)
        ]
        wanted = [(len(branch.tree.tokens) - 1,) for branch in branches]
        return ReadBatch(reader, [_ending(read) for read in reader.read(branches, wanted)])

    def _head(self, common: Ids) -> Ids:
        """What of a common beginning is in the cache; it is read into it where nothing is."""
        fitting = [head for head in self._heads if common[: len(head)] == head]
        if fitting:
            # Of several the one that leaves the least to read.
            head = max(fitting, key=len)
            self._heads.move_to_end(head)
            return head
        if len(common) < _SHORTEST_HEAD:
            return ()
        if len(self._heads) == _MOST_HEADS:
            self._heads.popitem(last=False)
        self._heads[common] = read_head(self.model.model, common)
        return common


def _ending(read: Read) -> Ending:
    return Ending(read.place(range(len(read.branch.tree.tokens))), read.logits[0])


def _common(texts: Sequence[Ids]) -> Ids:
    """What texts begin with, less the last token of any, which is read for what follows it."""
    first, last = min(texts), max(texts)
    most = min(map(len, texts)) - 1
    count = 0
    while count < most and first[count] == last[count]:
        count += 1
    return first[:count]
