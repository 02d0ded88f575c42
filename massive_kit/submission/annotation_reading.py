"""Predicted labels by token, from `pred_annot_utt`, where it does not simply fit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from massive_kit.data.tokens import OTHER, split

# As `data.notation` reads a slot; splitting by it gives text, slot, value, text, slot, value, ...,
# text.
SLOT = re.compile(r"\[\s*([^\s\[\]:]+)\s*:([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an annotated utterance with one label, a slot or `Other`."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class LabelledTokens:
    """Tokens and their labels, as one way of splitting text gives them."""

    tokens: list[str]
    labels: list[str]


def stretches(annotated: str) -> list[Stretch]:
    """The stretches of an annotated utterance whose brackets are right, but for blank ones."""
    parts = SLOT.split(annotated)
    everything = [Stretch(parts[0], OTHER)]
    for at in range(1, len(parts), 3):
        everything.append(Stretch(parts[at + 1], parts[at]))
        everything.append(Stretch(parts[at + 2], OTHER))
    return [stretch for stretch in everything if stretch.text.strip()]


def labelled_tokens(utterance: list[Stretch], *, characters: bool) -> LabelledTokens:
    """The tokens of an utterance; by character if `characters` is set."""
    tokens: list[str] = []
    labels: list[str] = []
    for stretch in utterance:
        stretch_tokens = split(stretch.text, characters=characters)
        tokens += stretch_tokens
        labels += [stretch.label] * len(stretch_tokens)
    return LabelledTokens(tokens, labels)


def regroup(by_space: LabelledTokens, utt: list[str]) -> list[str] | None:
    """The label of each token of `utt`, where those hold white space; `None` if they do not fit.

    Some models decode a token to text with a space in it, so that `pred_annot_utt` alone has too
    many tokens.
    """
    labels: list[str] = []
    at = 0
    for token in utt:
        words = token.split()
        if not words or by_space.tokens[at : at + len(words)] != words:
            return None
        labels.append(by_space.labels[at])
        at += len(words)
    return labels if at == len(by_space.tokens) else None


def slot_list(utterance: list[Stretch]) -> list[list[str]]:
    """What `pred_slots` has to be: texts and slots in order; touching ones of a slot are one."""
    slots: list[list[str]] = []
    before = OTHER
    for stretch in utterance:
        text = " ".join(stretch.text.split())
        if stretch.label != OTHER:
            if stretch.label == before:
                slots[-1][0] += f" {text}"
            else:
                slots.append([text, stretch.label])
        before = stretch.label
    return slots
