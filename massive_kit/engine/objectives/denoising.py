"""Span denoising: spans are cut out of a text, and told one after the other.

As in Raffel et al. 2020, a text-to-text model reads `thank <X> me to your <Y> week` and says
`<X> you for inviting <Y> party last <Z>`. Spans lie anywhere in a text: its end is hidden no
more often than its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from massive_kit.data.ragged import offsets_of, rows_of, rows_of_lengths
from massive_kit.engine.chance import ranks, uniform
from massive_kit.engine.corruption import Corrupted
from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.engine.special_subwords import end_of, sentinels_of
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective
    from massive_kit.engine.text_rows import TextRows
    from massive_kit.schema.task import Architecture

ARCHITECTURES = ("seq2seq",)
METRIC = "perplexity"


class Settings(Strict):
    """What is cut out.

    Attributes:
        rate: Share of the subwords of a text that are cut out; at least one of each text.
        mean_length: How many subwords a span has in the mean.
    """

    rate: float = Field(default=0.15, gt=0, lt=1)
    mean_length: float = Field(default=3.0, ge=1)


def build(settings: Settings) -> Objective:
    """The loss that the model computes for what it should say, the mean over its subwords."""
    del settings
    return own_loss


def corrupter(settings: Settings, tokenizer: Any, architecture: Architecture) -> Cutting:
    """Cuts spans out; a tokenizer with too few sentinels gets some."""
    del architecture
    return Cutting(settings, sentinels_of(tokenizer), end_of(tokenizer))


@dataclass(frozen=True, slots=True)
class Cutting:
    """Cuts spans out of text.

    Attributes:
        settings: What is cut out.
        sentinels: The subwords that stand for spans, in their order.
        end: The subword that ends what is said.
    """

    settings: Settings
    sentinels: NDArray[np.int32]
    end: int

    @property
    def special(self) -> NDArray[np.int32]:
        """Sentinels and end."""
        return np.append(self.sentinels, self.end).astype(np.int32)

    def remapped(self, table: NDArray[np.int32]) -> Cutting:
        """The same for other subword ids."""
        return replace(self, sentinels=table[self.sentinels], end=int(table[self.end]))

    def __call__(self, rows: TextRows, seed: int) -> Corrupted:
        """Texts with a sentinel in the place of each span, and the spans after their sentinels."""
        text = np.flatnonzero(rows.words >= 0)
        spans = self._spans(rows, seed)
        hidden = text[spans.number >= 0]
        number = spans.number[spans.number >= 0]
        row = rows_of(rows.offsets)
        first = np.ones(len(hidden), np.bool_)
        first[1:] = (number[1:] != number[:-1]) | (row[hidden[1:]] != row[hidden[:-1]])

        inputs = rows.subwords.copy()
        inputs[hidden[first]] = self.sentinels[number[first]]
        stays = np.ones(len(inputs), np.bool_)
        stays[hidden[~first]] = False
        lengths = np.bincount(row[stays], minlength=len(rows.numbers))

        # What is said, sorted by row and place; a sentinel stands just before its span.
        past = len(inputs)
        all_rows = np.arange(len(rows.numbers))
        parts = [
            (rows.subwords[hidden], row[hidden], hidden + 0.5),
            (self.sentinels[number[first]], row[hidden[first]], hidden[first] + 0.0),
            (self.sentinels[spans.counts], all_rows, np.full(len(all_rows), past + 0.0)),
            (np.full(len(all_rows), self.end), all_rows, np.full(len(all_rows), past + 1.0)),
        ]
        said, said_row, place = (np.concatenate(values) for values in zip(*parts, strict=True))
        order = np.lexsort((place, said_row))
        said_lengths = np.bincount(said_row, minlength=len(rows.numbers))
        return Corrupted(
            inputs[stays],
            offsets_of(lengths),
            said[order].astype(np.int32),
            offsets_of(said_lengths),
        )

    def _spans(self, rows: TextRows, seed: int) -> _Spans:
        total = np.bincount(rows_of(rows.offsets)[rows.words >= 0], minlength=len(rows.numbers))
        hidden = np.minimum(np.maximum(1, np.rint(self.settings.rate * total)), total)
        wanted = np.maximum(1, np.rint(hidden / self.settings.mean_length))
        # One sentinel stays for the end, and between two spans there is a subword.
        most = np.minimum(np.minimum(hidden, total - hidden + 1), len(self.sentinels) - 1)
        counts = np.minimum(wanted, most).astype(np.int64)
        hidden = hidden.astype(np.int64)
        span_sizes = _partition(hidden, counts, rows.numbers, seed, 1)
        # The first and the last gap may be empty: they are drawn with one more.
        gaps = _partition(total - hidden + 2, counts + 1, rows.numbers, seed, 2)
        gap_offsets = offsets_of(counts + 1)
        gaps[gap_offsets[:-1]] -= 1
        gaps[gap_offsets[1:] - 1] -= 1
        offsets = offsets_of(2 * counts + 1)
        place = np.arange(offsets[-1]) - offsets[rows_of_lengths(2 * counts + 1)]
        in_gap = place % 2 == 0
        sizes = np.empty(len(place), np.int64)
        sizes[in_gap], sizes[~in_gap] = gaps, span_sizes
        return _Spans(np.repeat(np.where(in_gap, -1, place // 2), sizes), counts)


@dataclass(frozen=True, slots=True)
class _Spans:
    """Which spans are cut out.

    Attributes:
        number: Flat, for each subword of text the number of its span within the row, or -1.
        counts: Shape (n,), spans of each row.
    """

    number: NDArray[np.int64]
    counts: NDArray[np.int64]


def _partition(
    totals: NDArray[np.int64],
    parts: NDArray[np.int64],
    numbers: NDArray[np.int64],
    seed: int,
    stream: int,
) -> NDArray[np.int64]:
    """Each total as a sum of so many whole numbers above 0, all such sums equally likely; flat."""
    # A sum is where it is cut: `parts - 1` of `total - 1` places.
    offsets = offsets_of(np.maximum(totals - 1, 0))
    row = rows_of(offsets)
    place = np.arange(offsets[-1]) - offsets[row]
    rank = ranks(uniform(seed, stream, numbers[row], place), offsets)
    cuts = rank < parts[row] - 1
    ends = np.cumsum(totals)
    inner = (ends - totals)[row[cuts]] + place[cuts] + 1
    return np.diff(np.sort(np.concatenate([inner, ends[parts > 0]])), prepend=0)
