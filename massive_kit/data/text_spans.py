"""Slots as they lie in a text, in code points, and tokens beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme, runs_of, scheme_labels


class TextSpan(NamedTuple):
    """A slot in a text.

    Attributes:
        start: Its first code point.
        end: One past its last code point.
        slot: Its name.
    """

    start: int
    end: int
    slot: str


def token_places(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where in its text each token begins and ends.

    Raises:
        ValueError: The tokens are not those of the text.
    """
    places = []
    end = 0
    for token in tokens:
        start = text.index(token, end)
        end = start + len(token)
        places.append((start, end))
    return places


def text_spans(
    text: str, tokens: Sequence[str], labels: Sequence[str], scheme: SpanScheme
) -> tuple[TextSpan, ...]:
    """The slots that token labels of a scheme say, as they lie in the text."""
    places = token_places(text, tokens)
    return tuple(
        TextSpan(places[first][0], places[after - 1][1], label)
        for first, after, label in runs_of(labels, scheme)
        if label != OTHER
    )


def span_labels(
    spans: Sequence[TextSpan], places: Sequence[tuple[int, int]], scheme: SpanScheme
) -> list[str]:
    """Token labels of a scheme for slots in a text; what ends inside a token holds all of it.

    Args:
        spans: The slots, in order, no two of which touch a token together.
        places: Where the tokens lie.
        scheme: That of the labels.
    """
    slots = [OTHER] * len(places)
    boundaries = []
    for span in spans:
        inside = [
            i for i, (start, end) in enumerate(places) if start < span.end and span.start < end
        ]
        for i in inside:
            slots[i] = span.slot
        if inside and inside[0] and slots[inside[0] - 1] == span.slot:
            boundaries.append(inside[0])
    return scheme_labels(slots, boundaries, scheme)
