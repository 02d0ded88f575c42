"""What a span of a slot is: a maximal run of one label, or what stands in one pair of brackets.

MASSIVE and its reference scorer know runs alone: a token's label is a slot's name or `Other`, and
neighbours of one slot are one span. A corpus whose annotation can say more has the scheme
`brackets`: every annotated span counts by itself, and a token's label is `B-slot` where a span
begins, `I-slot` where it goes on, or `Other` (IOB2, as seqeval reads it).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple, get_args

from massive_kit.data.notation import OTHER
from massive_kit.schema import span_scheme

SpanScheme = span_scheme.SpanScheme
SPAN_SCHEMES: tuple[SpanScheme, ...] = get_args(SpanScheme)
BEGIN, INSIDE = "B-", "I-"


class Run(NamedTuple):
    """Tokens that stand together and are of one span, or of none.

    Attributes:
        start: The first of them.
        end: One past the last of them.
        label: A slot's name or `Other`.
    """

    start: int
    end: int
    label: str


def runs_of(labels: Sequence[str], scheme: SpanScheme = "runs") -> list[Run]:
    """The spans and what is between them, in order.

    `data.spans` finds the spans in arrays. An `I-slot` that nothing of its slot stands before
    begins a span, as in seqeval.

    Args:
        labels: Token labels of that scheme.
        scheme: What ends a span.
    """
    slots = labels if scheme == "runs" else [slot_name(label) for label in labels]
    starts = [
        i
        for i, slot in enumerate(slots)
        if i == 0
        or slot != slots[i - 1]
        or (scheme == "brackets" and slot != OTHER and labels[i].startswith(BEGIN))
    ]
    return [Run(start, end, slots[start]) for start, end in pairwise([*starts, len(slots)])]


def slot_name(label: str) -> str:
    """The slot of a token label under `brackets`, or `Other`."""
    return label if label == OTHER else label[len(BEGIN) :]


def scheme_labels(
    slots: Sequence[str], boundaries: Collection[int], scheme: SpanScheme
) -> list[str]:
    """Token labels of a scheme.

    Args:
        slots: A slot's name or `Other` for each token.
        boundaries: Tokens that begin a span directly after one of the same slot.
        scheme: Whether labels can say that.
    """
    if scheme == "runs":
        return [*slots]
    labels = []
    before = OTHER
    for i, slot in enumerate(slots):
        begins = slot != before or i in boundaries
        labels.append(slot if slot == OTHER else f"{BEGIN if begins else INSIDE}{slot}")
        before = slot
    return labels
