"""Tokens to subwords and back: which subword speaks for each token of an utterance.

The scoring unit is the token (a word, or a character in ja-JP, zh-CN and zh-TW); an encoder sees
subwords. Three ways of placing tokens on subwords are offered; see `Placement`. All of them give
every token a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import offsets_of, rows_of
from massive_kit.data.token_spans import token_spans
from massive_kit.systems.subwords.placement import Placement

# What a subword consists of where it stands for a space alone, in the conventions of SentencePiece,
# BPE and WordPiece.
_MARKERS = " \u2581\u0120\u010a"


class Segmenter(Protocol):
    """Cuts texts into subwords: a `tokenizers.Tokenizer`, or what stands in for one."""

    def encode_batch(self, texts: list[str]) -> Sequence[Any]:
        """For each text what has the fields ids, offsets and special_tokens_mask."""


@dataclass(frozen=True, slots=True)
class AlignedSubwords:
    """Utterances as subwords, with a position for every token.

    Attributes:
        subwords: Flat, the subword ids of all rows, special subwords included.
        subword_offsets: Shape (n + 1,); where each row's subwords begin.
        positions: Flat, for each token the position of its subword within its row.
        token_offsets: Shape (n + 1,), as `subword_offsets` for tokens.
        owners: Flat, for each subword the token of its row whose text it ends in; -1 for special
            subwords and bare spaces.
        truncated: How many rows lost subwords to the limit on length.
    """

    subwords: NDArray[np.int32]
    subword_offsets: NDArray[np.int64]
    positions: NDArray[np.int32]
    token_offsets: NDArray[np.int64]
    owners: NDArray[np.int32]
    truncated: int


def align_tokens(
    backend: Any,
    utterances: Sequence[str],
    tokens: Sequence[Sequence[str]],
    *,
    placement: Placement,
    max_length: int = 512,
    segmenter: Segmenter | None = None,
) -> AlignedSubwords:
    """Encodes utterances and finds the subword of every token.

    Args:
        backend: A `tokenizers.Tokenizer` (`tokenizer.backend_tokenizer` of a fast tokenizer).
        utterances: The text of each row; read only where the placement is on raw text.
        tokens: The tokens of each row.
        placement: Which subword speaks for a token.
        max_length: Most subwords a row may have.
        segmenter: Cuts texts into subwords in the backend's stead.
    """
    token_counts = np.fromiter(map(len, tokens), np.int64, len(tokens))
    token_offsets = offsets_of(token_counts)
    raw = placement is Placement.raw_text
    texts = [*utterances] if raw else [" ".join(row) for row in tokens]
    starts, stops = token_spans(texts, tokens, token_offsets)
    cuts = _cut_texts((segmenter or backend).encode_batch(texts), max_length)
    subwords, ends, special, subword_offsets = cuts.ids, cuts.ends, cuts.special, cuts.offsets
    text = ~special & carries_text(backend)[subwords]
    usable = ~special if placement is Placement.first else text
    positions = _positions(
        keys=starts if placement is not Placement.first else _previous_ends(stops, token_offsets),
        ends=ends,
        usable=usable,
        inside=~special,
        subword_offsets=subword_offsets,
        token_offsets=token_offsets,
    )
    owners = _owners(
        starts=starts,
        stops=stops,
        ends=ends,
        text=text,
        subword_offsets=subword_offsets,
        token_offsets=token_offsets,
    )
    return AlignedSubwords(
        subwords, subword_offsets, positions, token_offsets, owners, cuts.truncated
    )


@lru_cache(maxsize=4)
def carries_text(backend: Any) -> NDArray[np.bool_]:
    """Shape (vocabulary,): whether a subword holds more than the mark of a space."""
    vocabulary = backend.get_vocab(with_added_tokens=True)
    with_text = np.zeros(max(vocabulary.values()) + 1, np.bool_)
    for subword, i in vocabulary.items():
        with_text[i] = bool(subword.strip(_MARKERS))
    return with_text


@dataclass(frozen=True, slots=True)
class _CutTexts:
    """Texts as a tokenizer cuts them; flat, with the offsets of the texts."""

    ids: NDArray[np.int32]
    ends: NDArray[np.int64]
    special: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    truncated: int


def _cut_texts(encodings: Sequence[Any], max_length: int) -> _CutTexts:
    ids = [encoding.ids for encoding in encodings]
    counts = np.fromiter(map(len, ids), np.int64, len(ids))
    offsets = offsets_of(counts)
    total = int(offsets[-1])
    spans = chain.from_iterable(encoding.offsets for encoding in encodings)
    masks = (encoding.special_tokens_mask for encoding in encodings)
    flat_ids = np.fromiter(chain.from_iterable(ids), np.int32, total)
    ends = np.fromiter(map(itemgetter(1), spans), np.int64, total)
    special = np.fromiter(chain.from_iterable(masks), np.bool_, total)
    long = counts > max_length
    if not long.any():
        return _CutTexts(flat_ids, ends, special, offsets, 0)
    last = np.repeat(offsets[1:] - 1, counts)
    places = np.arange(total)
    # The closing special subword stays.
    kept = (places - np.repeat(offsets[:-1], counts) < max_length - 1) | (places == last)
    kept |= np.repeat(~long, counts)
    new_offsets = offsets_of(np.minimum(counts, max_length))
    return _CutTexts(flat_ids[kept], ends[kept], special[kept], new_offsets, int(long.sum()))


def _previous_ends(stops: NDArray[np.int64], token_offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    # A word's first subword may be the space before it, which ends where the word starts or right
    # after its first letter.
    keys = np.concatenate([[-1], stops])[:-1]
    keys[token_offsets[:-1][np.diff(token_offsets) > 0]] = -1
    return keys


def _positions(
    *,
    keys: NDArray[np.int64],
    ends: NDArray[np.int64],
    usable: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    subword_offsets: NDArray[np.int64],
    token_offsets: NDArray[np.int64],
) -> NDArray[np.int32]:
    """For each token its row's first usable subword that ends after the key, else its last."""
    rows = len(subword_offsets) - 1
    token_row, subword_row = rows_of(token_offsets), rows_of(subword_offsets)
    # A row whose subwords are all unusable still has to place its tokens.
    lacking = np.bincount(subword_row[usable], minlength=rows) == 0
    usable = usable | (lacking[subword_row] & inside)
    lacking = np.bincount(subword_row[usable], minlength=rows) == 0
    usable = usable | lacking[subword_row]
    candidates = np.flatnonzero(usable)
    stride = int(ends.max(initial=0)) + 3
    # Offsets may repeat (subwords of one character's bytes) but never fall within a row.
    order = np.maximum.accumulate(subword_row[candidates] * stride + ends[candidates] + 1)
    wanted = token_row * stride + keys + 1
    next_candidate = np.searchsorted(order, wanted, side="right")
    last = np.searchsorted(subword_row[candidates], np.arange(rows), side="right") - 1
    chosen = candidates[np.minimum(next_candidate, last[token_row])]
    positions: NDArray[np.int32] = (chosen - subword_offsets[token_row]).astype(np.int32)
    return positions


def _owners(
    *,
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    ends: NDArray[np.int64],
    text: NDArray[np.bool_],
    subword_offsets: NDArray[np.int64],
    token_offsets: NDArray[np.int64],
) -> NDArray[np.int32]:
    """For each subword its row's token that its last character stands in, or -1."""
    token_row, subword_row = rows_of(token_offsets), rows_of(subword_offsets)
    owners = np.full(len(ends), -1, np.int32)
    if not len(stops):
        return owners
    stride = int(max(ends.max(initial=0), stops.max(initial=0))) + 1
    token = np.searchsorted(token_row * stride + stops, subword_row * stride + ends)
    token = np.minimum(token, len(stops) - 1)
    inside = text & (token_row[token] == subword_row) & (starts[token] < ends)
    owners[inside] = (token - token_offsets[subword_row])[inside]
    return owners
