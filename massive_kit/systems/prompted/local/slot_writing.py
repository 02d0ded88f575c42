"""Lets a model write slots, those of a batch side by side."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from massive_kit.systems.prompted.local.branches import (
    Branch,
    BranchingReader,
    Place,
    Read,
    Tree,
)
from massive_kit.systems.prompted.local.pieces import Decision, Writing, Written


@dataclass(slots=True)
class SlotWriter:
    """Slots that are being written behind a text.

    What is likely to be written is read ahead, so that a copied utterance costs one pass, and each
    change of course another one, instead of one for each decision. What is written is the same.

    Attributes:
        writing: What offers the pieces.
        place: The place behind what has been read.
        logits: Of the token that follows it; `None` where something must be read first.
        unread: What is written, and not read yet.
        decision: What is to be decided; `None` at the end, and before `begin`.
        written: What was written, at the end.
        is_cut: Whether there was no room for the rest, so that nothing is written.
    """

    writing: Writing
    place: Place
    logits: Tensor | None
    unread: tuple[int, ...] = ()
    decision: Decision | None = None
    written: Written | None = None
    is_cut: bool = False

    def begin(self) -> None:
        """Goes to the first decision for which something must be read, or to the end."""
        self._go_on(None)
        if self.decision is not None and not self.unread:
            assert self.logits is not None
            self._go_on(_best(self.decision, self.logits))

    def chain(self, room: int | None) -> tuple[int, ...]:
        """What is to be read: what is not read yet, and what is likely to come, if it has room."""
        chain = self.unread + (() if self.decision is None else self.decision.ahead)
        return chain if room is None else chain[: room - len(self.place.columns)]

    def keep_to(self, room: int | None) -> None:
        """Stops where what is to be read next has no room."""
        if self.decision is None or room is None:
            return
        if len(self.place.columns) + len(self.unread) > room:
            self.decision, self.is_cut = None, True

    def hear(self, chain: tuple[int, ...], read: Read) -> None:
        """Decides as far as what was read says how.

        Args:
            chain: What was read.
            read: What came of it, with the logits after each token from the last unread one on.
        """
        first = seen = len(self.unread)
        while self.decision is not None:
            self.unread = ()
            self._go_on(_best(self.decision, read.logits[seen - first]))
            as_read = _common(self.unread, chain[seen:])
            seen += as_read
            self.unread = self.unread[as_read:]
            if self.unread:
                break
        self.place = read.place(range(seen))

    def _go_on(self, token: int | None) -> None:
        """Goes on to the next decision, with the token that was chosen, or to the end."""
        try:
            self.decision = next(self.writing) if token is None else self.writing.send(token)
            self.unread += self.decision.read
        except StopIteration as end:
            self.decision, self.written = None, end.value


def write_all(reader: BranchingReader, writers: list[SlotWriter]) -> None:
    """Lets slots be written, by the likeliest token at each decision."""
    for writer in writers:
        writer.begin()
    while True:
        for writer in writers:
            writer.keep_to(reader.room)
        deciding = [writer for writer in writers if writer.decision is not None]
        if not deciding:
            return
        chains = [writer.chain(reader.room) for writer in deciding]
        branches = [
            Branch(writer.place, Tree.chain(chain))
            for writer, chain in zip(deciding, chains, strict=True)
        ]
        wanted = [
            range(len(writer.unread) - 1, len(chain))
            for writer, chain in zip(deciding, chains, strict=True)
        ]
        reads = reader.read(branches, wanted)
        for writer, chain, read in zip(deciding, chains, reads, strict=True):
            writer.hear(chain, read)


def _best(decision: Decision, logits: Tensor) -> int:
    tokens = torch.tensor(decision.tokens, device=logits.device)
    return int(tokens[logits[tokens].argmax()])


def _common(text: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many tokens two texts begin with in common."""
    count = 0
    while count < min(len(text), len(other)) and text[count] == other[count]:
        count += 1
    return count
