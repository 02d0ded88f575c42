"""Lets a model write slots, those of a batch side by side."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from massive_kit.systems.prompted.local.branches import Branch, BranchingReader, Place, Tree
from massive_kit.systems.prompted.local.pieces import Decision, Writing, Written


@dataclass(slots=True)
class SlotWriter:
    """Slots that are being written behind a text.

    Attributes:
        writing: What offers the pieces.
        place: The place behind what has been read.
        logits: Of the token that follows it; `None` where something must be read first.
        unread: What is written, and not read yet.
    """

    writing: Writing
    place: Place
    logits: Tensor | None
    unread: tuple[int, ...] = ()
    decision: Decision | None = None
    written: Written | None = None

    def go_on(self, token: int | None) -> None:
        """Goes on to the next decision, with the token that was chosen, or to the end."""
        try:
            self.decision = next(self.writing) if token is None else self.writing.send(token)
            self.unread += self.decision.read
        except StopIteration as end:
            self.decision, self.written = None, end.value


def write_all(reader: BranchingReader, writers: list[SlotWriter]) -> None:
    """Lets slots be written, by the likeliest token at each decision."""
    for writer in writers:
        writer.go_on(None)
    while deciding := [writer for writer in writers if writer.decision is not None]:
        behind = [writer for writer in deciding if writer.unread]
        if behind:
            branches = [Branch(writer.place, Tree.chain(writer.unread)) for writer in behind]
            wanted = [(len(writer.unread) - 1,) for writer in behind]
            for writer, read in zip(behind, reader.read(branches, wanted), strict=True):
                writer.place = read.place(range(len(writer.unread)))
                writer.logits, writer.unread = read.logits[0], ()
        for writer in deciding:
            assert writer.decision is not None
            assert writer.logits is not None
            tokens = torch.tensor(writer.decision.tokens, device=writer.logits.device)
            writer.go_on(int(tokens[writer.logits[tokens].argmax()]))
