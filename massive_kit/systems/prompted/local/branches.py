"""A decoder that reads texts with common beginnings once, and goes on from any place of them.

What has been read stays in the model's cache of keys and values. Each new token sees the tokens
that lead to it and no others, by a mask, so that many continuations of one text stand side by side
in one pass: sixty labels cost as many steps as they have different subwords.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from massive_kit.systems.prompted.local.room import check_room, room_of
from massive_kit.systems.prompted.local.windows import Windows

ROOT = -1


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text that has been read.

    Attributes:
        row: In which row of the batch.
        columns: The columns of the cache that hold the text up to here.
    """

    row: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """Tokens to read, each after another one.

    Attributes:
        tokens: The tokens, each behind the one that it follows.
        parents: For each the position of the token that it follows; `ROOT` for those that follow
            the place where the tree is hung up.
    """

    tokens: tuple[int, ...]
    parents: tuple[int, ...]

    @classmethod
    def chain(cls, tokens: Sequence[int]) -> Tree:
        """Tokens one after the other."""
        return cls(tuple(tokens), tuple(range(-1, len(tokens) - 1)))

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> Tree:
        """Sequences side by side, common beginnings once."""
        tokens: list[int] = []
        parents: list[int] = []
        known: dict[tuple[int, int], int] = {}
        for sequence in sequences:
            parent = ROOT
            for token in sequence:
                at = known.get((parent, token))
                if at is None:
                    at = known[parent, token] = len(tokens)
                    tokens.append(token)
                    parents.append(parent)
                parent = at
        return cls(tuple(tokens), tuple(parents))

    def path(self, sequence: Sequence[int]) -> list[int]:
        """The positions of a sequence of the tree."""
        children = {
            (parent, token): at
            for at, (parent, token) in enumerate(zip(self.parents, self.tokens, strict=True))
        }
        path = []
        at = ROOT
        for token in sequence:
            at = children[at, token]
            path.append(at)
        return path

    @property
    def depths(self) -> list[int]:
        """How many tokens lead to each."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(0 if parent == ROOT else depths[parent] + 1)
        return depths


@dataclass(frozen=True, slots=True)
class Branch:
    """A tree, and where it is hung up."""

    place: Place
    tree: Tree


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading a branch.

    Attributes:
        branch: The branch.
        first: The column of its first token.
        logits: Shape (wanted, vocabulary), after the tokens that were asked for.
    """

    branch: Branch
    first: int
    logits: Tensor

    def place(self, path: Sequence[int]) -> Place:
        """The place behind a path of the tree."""
        start = self.branch.place
        return Place(start.row, (*start.columns, *(self.first + at for at in path)))


class BranchingReader:
    """Reads branches for the rows of a batch."""

    def __init__(self, model: PreTrainedModel, head: DynamicCache | None, rows: int) -> None:
        """Begins with texts that all rows have in common.

        Args:
            model: In evaluation mode.
            head: The cache of what all rows begin with, of one row; `None` for nothing.
            rows: How many rows there are.

        Raises:
            ValueError: The model's layers see what no mask of ours can say.
        """
        self._model = model
        self._windows = Windows.of(model.config)
        self._cache = DynamicCache()
        self._rows = rows
        self._columns = 0
        self._device = next(model.parameters()).device
        self._dtype = next(model.parameters()).dtype
        if head is not None:
            for number, layer in enumerate(head.layers):
                keys = layer.keys.expand(rows, -1, -1, -1)
                self._cache.update(keys, layer.values.expand(rows, -1, -1, -1), number)
            self._columns = head.get_seq_length()
        # Where in its text the token of each column stands.
        self._positions = torch.arange(self._columns).repeat(rows, 1)

    @property
    def room(self) -> int | None:
        """How many tokens of a text can be read; `None` where the model does not say."""
        return room_of(self._model.config)

    def start(self, row: int) -> Place:
        """The place behind what all rows begin with."""
        return Place(row, tuple(range(self._columns)))

    @torch.inference_mode()
    def read(self, branches: Sequence[Branch], wanted: Sequence[Sequence[int]]) -> list[Read]:
        """Reads branches, several of a row side by side.

        Args:
            branches: What to read.
            wanted: For each branch the positions of its tree after which logits are wanted.

        Raises:
            MassiveKitError: The model has no room for a text that is so long.
        """
        offsets = self._offsets(branches)
        width = max(
            (
                offset + len(branch.tree.tokens)
                for branch, offset in zip(branches, offsets, strict=True)
            ),
            default=0,
        )
        tokens = torch.zeros((self._rows, width), dtype=torch.long)
        positions = torch.zeros((self._rows, width), dtype=torch.long)
        seen = torch.zeros((self._rows, width, self._columns + width), dtype=torch.bool)
        # What fills rows up sees itself, since something must be seen.
        seen[:, torch.arange(width), self._columns + torch.arange(width)] = True
        for branch, offset in zip(branches, offsets, strict=True):
            row, tree = branch.place.row, branch.tree
            end = offset + len(tree.tokens)
            tokens[row, offset:end] = torch.tensor(tree.tokens)
            depths = torch.tensor(tree.depths)
            positions[row, offset:end] = len(branch.place.columns) + depths
            seen[row, offset:end, list(branch.place.columns)] = True
            among_new = seen[row, offset:end, self._columns + offset : self._columns + end]
            among_new[:] = _ancestors(tree)
        keep = sorted(
            {offset + at for places, offset in zip(wanted, offsets, strict=True) for at in places}
        )
        # A model cannot read nothing.
        if width:
            check_room(self._model.config, int(positions.max()))
        self._positions = torch.cat([self._positions, positions], 1)
        logits = self._forward(tokens, positions, seen, keep) if width else torch.zeros(1)
        index = {column: at for at, column in enumerate(keep)}
        reads = []
        for branch, offset, places in zip(branches, offsets, wanted, strict=True):
            rows = [index[offset + at] for at in places]
            after = logits[branch.place.row, rows] if rows else logits[:0]
            reads.append(Read(branch, self._columns + offset, after))
        self._columns += width
        return reads

    def _offsets(self, branches: Sequence[Branch]) -> list[int]:
        """Where among the new tokens of its row each branch begins."""
        used = [0] * self._rows
        offsets = []
        for branch in branches:
            offsets.append(used[branch.place.row])
            used[branch.place.row] += len(branch.tree.tokens)
        return offsets

    def _forward(
        self, tokens: Tensor, positions: Tensor, seen: Tensor, keep: Sequence[int]
    ) -> Tensor:
        new, every = positions.to(self._device), self._positions.to(self._device)
        output = self._model(
            input_ids=tokens.to(self._device),
            attention_mask=self._windows.mask(seen.to(self._device), new, every, self._dtype),
            position_ids=new,
            **{cache_name(self._model): self._cache},
            use_cache=True,
            logits_to_keep=torch.tensor(keep or [0], device=self._device),
        )
        logits: Tensor = output.logits
        return logits.float()


def _ancestors(tree: Tree) -> Tensor:
    """Shape (n, n): which tokens each token sees, itself among them."""
    count = len(tree.tokens)
    if tree.parents == tuple(range(-1, count - 1)):
        return torch.ones((count, count), dtype=torch.bool).tril()
    seen = torch.eye(count, dtype=torch.bool)
    for at, parent in enumerate(tree.parents):
        if parent != ROOT:
            seen[at] |= seen[parent]
    return seen


@torch.inference_mode()
def read_head(model: PreTrainedModel, tokens: Sequence[int]) -> DynamicCache:
    """The cache of a text that several rows begin with."""
    cache = DynamicCache()
    device = next(model.parameters()).device
    model(
        input_ids=torch.tensor([tokens], device=device),
        **{cache_name(model): cache},
        use_cache=True,
        logits_to_keep=1,
    )
    return cache


def cache_name(model: PreTrainedModel) -> str:
    """What the model calls the cache that it is given; versions of `transformers` differ."""
    parameters = inspect.signature(model.forward).parameters
    return "cache" if "cache" in parameters else "past_key_values"
