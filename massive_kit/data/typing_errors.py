"""Slips of the hand in words: signs swapped, dropped, doubled, or the key beside the right one.

As in Belinkov and Bisk 2018 ("Synthetic and Natural Noise Both Break Neural Machine Translation")
and in the "butter fingers" of NL-Augmenter (Dhole et al. 2021), on whole signs instead of code
points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from massive_kit.data.graphemes import JOINERS, clusters
from massive_kit.data.rewriting import Phrase

Slip = Literal["swap", "drop", "double", "neighbour"]
SLIPS: tuple[Slip, ...] = ("swap", "drop", "double", "neighbour")
# Signs of a word that may have one; a shorter one would be another word.
_LEAST_SIGNS = 3
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """The keys around each key of a QWERTY keyboard, whose rows are half a key apart."""
    places = {
        key: (column + row / 2, row)
        for row, keys in enumerate(_ROWS)
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(
            other
            for other, (x, y) in places.items()
            if other != key and abs(x - places[key][0]) <= 1 and abs(y - places[key][1]) <= 1
        )
        for key in places
    }


NEIGHBOURS = _neighbours()


@dataclass(frozen=True, slots=True)
class SlippedRow:
    """An utterance with slips.

    Attributes:
        row: The place of the utterance that it is made of.
        phrases: What it is made of.
        slips: The kind of each.
    """

    row: int
    phrases: list[Phrase]
    slips: list[Slip]


@dataclass(frozen=True, slots=True)
class Typist:
    """A way to mistype.

    Attributes:
        slips: The kinds of slips, each as likely as the others where it is possible.
        rate: Share of words with one; `None` for one word of each utterance.
        never: Slots that are left as they are.
    """

    slips: Sequence[Slip]
    rate: float | None
    never: Collection[str] = ()

    def slipped(
        self, rows: Sequence[Sequence[Phrase]], generator: np.random.Generator
    ) -> Iterator[SlippedRow]:
        """The utterances in which a word was mistyped.

        Args:
            rows: The utterances.
            generator: Draws.
        """
        lengths = [sum(len(phrase.words) for phrase in row) for row in rows]
        drawn = generator.random((sum(lengths), 3))
        start = 0
        for row, (phrases, length) in enumerate(zip(rows, lengths, strict=True)):
            numbers = drawn[start : start + length]
            start += length
            if self.rate is None:
                order: Iterable[int] = np.argsort(numbers[:, 0]).tolist()
            else:
                order = np.flatnonzero(numbers[:, 0] < self.rate).tolist()
            slipped = self._slipped(phrases, [*order], numbers)
            if slipped is not None:
                yield SlippedRow(row, *slipped)

    def _slipped(
        self, phrases: Sequence[Phrase], order: Sequence[int], numbers: np.ndarray
    ) -> tuple[list[Phrase], list[Slip]] | None:
        if not order:
            return None
        words = [word for phrase in phrases for word in phrase.words]
        open_words = [phrase.slot not in self.never for phrase in phrases for _ in phrase.words]
        slips: list[Slip] = []
        for place in order:
            made = mistyped(words[place], self.slips, *numbers[place, 1:].tolist())
            if made is None or not open_words[place]:
                continue
            words[place], slip = made
            slips.append(slip)
            if self.rate is None:
                break
        if not slips:
            return None
        changed, start = [], 0
        for phrase in phrases:
            end = start + len(phrase.words)
            changed.append(Phrase(tuple(words[start:end]), phrase.slot))
            start = end
        return changed, slips


def mistyped(
    word: str, slips: Sequence[Slip], which: float, where: float
) -> tuple[str, Slip] | None:
    """A word with one slip, and its kind; `None` where none is possible.

    Only signs that begin with a letter and hold no zero-width joiner are touched.

    Args:
        word: The word.
        slips: The kinds of slips.
        which: A number in [0, 1) that draws the kind.
        where: A number in [0, 1) that draws the place.
    """
    signs = clusters(word)
    if len(signs) < _LEAST_SIGNS:
        return None
    free = [sign[0].isalpha() and JOINERS.isdisjoint(sign) for sign in signs]
    places: dict[Slip, list[int]] = {}
    for slip in slips:
        possible = _places(slip, signs, free)
        if possible:
            places[slip] = possible
    if not places:
        return None
    kinds = [*places]
    slip = kinds[int(which * len(kinds))]
    place = places[slip][int(where * len(places[slip]))]
    sign = signs[place]
    match slip:
        case "swap":
            signs[place : place + 2] = signs[place + 1], sign
        case "drop":
            del signs[place]
        case "double":
            signs[place] = sign * 2
        case "neighbour":
            keys = NEIGHBOURS[sign.lower()]
            # The rest of the number that drew the place draws the key.
            rest = where * len(places[slip]) % 1
            key = keys[int(rest * len(keys))]
            signs[place] = key.upper() if sign.isupper() else key
    return "".join(signs), slip


def _places(slip: Slip, signs: Sequence[str], free: Sequence[bool]) -> list[int]:
    """Where a slip of a kind can be, so that the word changes."""
    if slip == "swap":
        return [
            place
            for place in range(len(signs) - 1)
            if free[place] and free[place + 1] and signs[place] != signs[place + 1]
        ]
    if slip == "neighbour":
        return [place for place, sign in enumerate(signs) if sign.lower() in NEIGHBOURS]
    return [place for place, is_free in enumerate(free) if is_free]


def usual_slips(slips: Sequence[Slip], script: str | None) -> tuple[Slip, ...]:
    """Those of some kinds that are usual in a script: keys have these neighbours in Latin alone."""
    return tuple(slip for slip in slips if slip != "neighbour" or script == "Latn")
