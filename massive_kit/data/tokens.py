"""Tokens and labels, the scoring unit.

Text splits at white space. In the character-split locales (ja-JP, zh-CN, zh-TW) a word with any
non-ASCII character splits into its code points and an ASCII word stays whole. A label is a slot's
name or `Other`; there is no B and I. The rule is that of the original's data preparation, read from
brackets instead of white-space words, which repairs its mislabelled rows in ja-JP, zh-CN and zh-TW;
`alexa_labels` reproduces those for comparison with published numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from massive_kit.data.notation import parse

OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Tokens:
    """An utterance as the scorer sees it.

    Attributes:
        tokens: Its tokens.
        labels: A slot's name or `Other` for each token.
    """

    tokens: list[str]
    labels: list[str]


def split(text: str, *, characters: bool) -> list[str]:
    """The tokens of plain text; `characters` is true for the character-split locales."""
    words = text.split()
    if not characters or text.isascii():
        return words
    tokens: list[str] = []
    for word in words:
        if word.isascii():
            tokens.append(word)
        else:
            tokens.extend(word)
    return tokens


def tokenise(annotated: str, *, characters: bool) -> Tokens:
    """Tokens and labels of an annotated utterance.

    Raises:
        NotationError: The brackets cannot be read.
    """
    tokens: list[str] = []
    labels: list[str] = []
    for segment in parse(annotated):
        words = split(segment.text, characters=characters)
        tokens += words
        labels += [segment.slot or OTHER] * len(words)
    return Tokens(tokens, labels)


class Run(NamedTuple):
    """Tokens that stand together and carry one label.

    Attributes:
        start: The first of them.
        end: One past the last of them.
        label: A slot's name or `Other`.
    """

    start: int
    end: int
    label: str


def runs_of(labels: Sequence[str]) -> list[Run]:
    """The maximal runs of equal labels, `Other` included, in order.

    `data.spans` finds the same in arrays.
    """
    starts = [i for i, label in enumerate(labels) if i == 0 or label != labels[i - 1]]
    return [Run(start, end, labels[start]) for start, end in pairwise([*starts, len(labels)])]


def annotate(tokens: list[str], labels: list[str]) -> str:
    """Tokens and labels in bracket notation, joined by spaces, as prediction files carry it.

    Neighbours with the same slot become one slot, as in the original.

    Raises:
        ValueError: There are more tokens than labels, or fewer.
    """
    if len(tokens) != len(labels):
        raise ValueError(f"{len(tokens)} tokens and {len(labels)} labels")
    parts = []
    for start, end, label in runs_of(labels):
        text = " ".join(tokens[start:end])
        parts.append(text if label == OTHER else f"[{label} : {text}]")
    return " ".join(parts)


def alexa_labels(annotated: str) -> list[str]:
    """Labels of a character-split utterance as the original's `create_hf_dataset.py` makes them.

    Its defect: an ASCII word that closes a slot does not reset the label, so that the slot runs on
    to the next bracket. Kept only so that numbers scored with it can be matched.
    """
    labels: list[str] = []
    label = OTHER
    words = iter(annotated.split())
    for word in words:
        if word.startswith("["):
            label = word.lstrip("[")
            next(words, None)
        elif word.isascii():
            labels.append(label)
        else:
            for character in word:
                if character == "]":
                    label = OTHER
                else:
                    labels.append(label)
    return labels
