"""Where the tokens of many texts lie in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import offsets_of, rows_of
from massive_kit.data.text_spans import token_places


def token_spans(
    texts: list[str], tokens: Sequence[Sequence[str]], token_offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat, where each token starts and stops in its row's text.

    Args:
        texts: The text of each row; one that holds more or other than its tokens is put into
            these with spaces, here in the list.
        tokens: The tokens of each row.
        token_offsets: Shape (n + 1,), where each row's tokens begin.
    """
    lengths = np.fromiter(map(len, chain.from_iterable(tokens)), np.int64, int(token_offsets[-1]))
    gaps, others = _gaps(texts, tokens, np.diff(offsets_of(lengths)[token_offsets]))
    row = rows_of(token_offsets)
    before = offsets_of(lengths + gaps[row])
    starts = before[:-1] - before[token_offsets[:-1]][row]
    stops = starts + lengths
    for i in others:
        places = _places(texts[i], tokens[i])
        if places is None:
            # The tokens are what counts.
            texts[i] = " ".join(tokens[i])
            places = token_places(texts[i], tokens[i])
        at = slice(token_offsets[i], token_offsets[i + 1])
        starts[at] = [start for start, _ in places]
        stops[at] = [stop for _, stop in places]
    return starts, stops


def _gaps(
    texts: Sequence[str], tokens: Sequence[Sequence[str]], letters: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[int]]:
    """For each row how much stands between any two tokens, and the rows of which that is not known.

    Nearly all texts are their tokens with a space between any two, or with nothing between them.
    """
    gaps = np.zeros(len(texts), np.int64)
    others = []
    for i, (text, row, size) in enumerate(zip(texts, tokens, letters.tolist(), strict=True)):
        if len(text) == size + len(row) - 1 and text.split() == [*row]:
            gaps[i] = 1
        elif "".join(row) != text:
            others.append(i)
    return gaps, others


def _places(text: str, tokens: Sequence[str]) -> list[tuple[int, int]] | None:
    """Start and end of each token in the text, or `None` where the text is not that of the tokens.

    Only space may stand between them.
    """
    try:
        places = token_places(text, tokens)
    except ValueError:
        return None
    starts, stops = [*(start for start, _ in places), len(text)], [0, *(stop for _, stop in places)]
    between = "".join(text[stop:start] for stop, start in zip(stops, starts, strict=True))
    return None if between.strip() else places
