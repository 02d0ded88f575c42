"""Reads a batch of prompts, what they have in common once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
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
        endings: For each row the ends of its texts, by name.
    """

    reader: BranchingReader
    endings: list[dict[str, Ending]]


@dataclass(frozen=True)
class BatchReader:
    """Reads batches; remembers what they begin with.

    Attributes:
        model: The model.
    """

    model: LanguageModel
    _heads: OrderedDict[Ids, DynamicCache] = field(default_factory=OrderedDict)

    def read(self, rows: Sequence[Mapping[str, Ids]]) -> ReadBatch:
        """Reads texts, some in each row.

        What all have in common is read once for all batches, what those of a row have in common
        once for the row.

        Args:
            rows: For each row its texts by name; none is empty.
        """
        every = [ids for texts in rows for ids in texts.values()]
        head = self._head(_common(every))
        reader = BranchingReader(self.model.model, self._heads.get(head), len(rows))
        stems = [_common([*texts.values()])[len(head) :] for texts in rows]
        branches = [Branch(reader.start(i), Tree.chain(stem)) for i, stem in enumerate(stems)]
        places = [_end(read) for read in reader.read(branches, [()] * len(branches))]
        tails = [
            Branch(places[i], Tree.chain(ids[len(head) + len(stems[i]) :]))
            for i, texts in enumerate(rows)
            for ids in texts.values()
        ]
        wanted = [(len(tail.tree.tokens) - 1,) for tail in tails]
        read = iter(reader.read(tails, wanted))
        return ReadBatch(reader, [{name: _ending(next(read)) for name in texts} for texts in rows])

    def _head(self, common: Ids) -> Ids:
        """What of a common beginning is in the cache; it is read into it where nothing is."""
        for head in self._heads:
            if common[: len(head)] == head:
                self._heads.move_to_end(head)
                return head
        if len(common) < _SHORTEST_HEAD:
            return ()
        if len(self._heads) == _MOST_HEADS:
            self._heads.popitem(last=False)
        self._heads[common] = read_head(self.model.model, common)
        return common


def _end(read: Read) -> Place:
    return read.place(range(len(read.branch.tree.tokens)))


def _ending(read: Read) -> Ending:
    return Ending(_end(read), read.logits[0])


def _common(texts: Sequence[Ids]) -> Ids:
    """What texts begin with, less the last token of any, which is read for what follows it."""
    first, last = min(texts), max(texts)
    most = min(map(len, texts)) - 1
    count = 0
    while count < most and first[count] == last[count]:
        count += 1
    return first[:count]
