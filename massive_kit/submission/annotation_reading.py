"""Predicted labels by token, from `pred_annot_utt`, where it does not simply fit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from massive_kit.data.tokens import OTHER, split

# As `data.notation` reads a slot; splitting by it gives text, slot, value, text, slot, value, ...,
# text.
SLOT = re.compile(r"\[\s*([^\s\[\]:]+)\s*:([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the annotated utterance, with its slot or `Other`."""

    text: str
    slot: str


def pieces(annotated: str) -> list[Piece]:
    """The stretches of an annotated utterance whose brackets are right."""
    parts = SLOT.split(annotated)
    found = [Piece(parts[0], OTHER)]
    for at in range(1, len(parts), 3):
        found.append(Piece(parts[at + 1], parts[at]))
        found.append(Piece(parts[at + 2], OTHER))
    return [piece for piece in found if piece.text.strip()]


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens and labels as one way of splitting reads them."""

    tokens: list[str]
    labels: list[str]


def read(found: list[Piece], *, characters: bool) -> Reading:
    """The tokens and labels of the pieces."""
    tokens: list[str] = []
    labels: list[str] = []
    for piece in found:
        own = split(piece.text, characters=characters)
        tokens += own
        labels += [piece.slot] * len(own)
    return Reading(tokens, labels)


def regroup(reading: Reading, utt: list[str]) -> list[str] | None:
    """The label of each token of `utt`, where those hold white space; `None` if they do not fit.

    Some models decode a token to text with a space in it, so that `pred_annot_utt` alone has too
    many tokens.
    """
    labels: list[str] = []
    at = 0
    for token in utt:
        own = token.split()
        if not own or reading.tokens[at : at + len(own)] != own:
            return None
        labels.append(reading.labels[at])
        at += len(own)
    return labels if at == len(reading.tokens) else None


def slot_list(found: list[Piece]) -> list[list[str]]:
    """What `pred_slots` has to be: texts and slots in order; touching ones of a slot are one."""
    slots: list[list[str]] = []
    before = OTHER
    for piece in found:
        text = " ".join(piece.text.split())
        if piece.slot != OTHER:
            if piece.slot == before:
                slots[-1][0] += f" {text}"
            else:
                slots.append([text, piece.slot])
        before = piece.slot
    return slots
