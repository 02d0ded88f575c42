"""Pre-tokenised utterances: encoded once, cached by content hash, batched from flat arrays."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from massive_kit.data.ragged import cut
from massive_kit.data.split import DataSplit
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.engine.tokenizers import backend_of, fingerprint
from massive_kit.schema.recipe import Placement
from massive_kit.systems.encoder.joint_model import NO_LABEL
from massive_kit.systems.encoder.subword_alignment import Segmenter, place
from massive_kit.systems.encoder.subword_sampling import SegmentationSampler

# A new way of encoding must not find what an older one left in the cache.
_FORMAT = 2
# The flat arrays, by the offsets that cut them into rows.
_FLAT = {
    "piece_offsets": ("pieces", "owners"),
    "token_offsets": ("positions", "labels"),
}
_ARRAYS = [*_FLAT, *(name for names in _FLAT.values() for name in names)]


@dataclass(frozen=True, slots=True)
class EncodedSet:
    """n utterances as an encoder reads them; rows of a locale stand together.

    Attributes:
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        pieces: Flat, the piece ids of all rows.
        piece_offsets: Shape (n + 1,), where each row's pieces begin.
        positions: Flat, for each token the position of its piece within its row.
        token_offsets: Shape (n + 1,), where each row's tokens begin.
        owners: Flat, for each piece the token of its row that it is a part of, or -1.
        intents: Shape (n,), -1 where unlabelled.
        labels: Flat, for each token its label, -1 where unlabelled.
        special: The ids of pieces that are no text, such as `<s>`.
        pad: The id that fills rows up.
        truncated: How many rows lost pieces to the limit on length.
    """

    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    pieces: NDArray[np.int32]
    piece_offsets: NDArray[np.int64]
    positions: NDArray[np.int32]
    token_offsets: NDArray[np.int64]
    owners: NDArray[np.int32]
    intents: NDArray[np.int32]
    labels: NDArray[np.int16]
    special: NDArray[np.int32]
    pad: int
    truncated: int = 0

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shape (n,), pieces an utterance."""
        return np.diff(self.piece_offsets)

    @property
    def token_pieces(self) -> NDArray[np.int64]:
        """Flat, for each token the place of its piece in `pieces`."""
        return np.repeat(self.piece_offsets[:-1], np.diff(self.token_offsets)) + self.positions

    def taken(self, rows: NDArray[np.int64]) -> EncodedSet:
        """Some rows alone."""
        values: dict[str, Any] = _cut_flat({name: getattr(self, name) for name in _ARRAYS}, rows)
        return replace(self, locale=self.locale[rows], intents=self.intents[rows], **values)

    def piece_labels(self, *, every: bool = False) -> NDArray[np.int16]:
        """Flat, a label for each piece; of several tokens on one piece the first counts.

        Args:
            every: All pieces of a token carry its label, not only the one that speaks for it.
        """
        found = np.full(len(self.pieces), NO_LABEL, np.int16)
        if every:
            owned = np.flatnonzero(self.owners >= 0)
            before = np.repeat(self.token_offsets[:-1], self.lengths)
            found[owned] = self.labels[(before + self.owners)[owned]]
        # Assigned from behind, so that the first token of a piece wins.
        found[self.token_pieces[::-1]] = self.labels[::-1]
        found[found < 0] = NO_LABEL
        return found

    def remapped(self, table: NDArray[np.int32]) -> EncodedSet:
        """The same with other piece ids: `table[old] = new`."""
        return replace(
            self, pieces=table[self.pieces], special=table[self.special], pad=int(table[self.pad])
        )

    def batch(
        self, rows: NDArray[np.int64], labels: NDArray[np.int16] | None = None
    ) -> dict[str, torch.Tensor]:
        """Rows padded to the longest of them; with `labels`, those of `piece_labels`."""
        starts = self.piece_offsets[rows]
        lengths = self.piece_offsets[rows + 1] - starts
        columns = np.arange(lengths.max(initial=1))
        inside = columns < lengths[:, None]
        at = np.where(inside, starts[:, None] + columns, 0)
        ids = np.where(inside, self.pieces[at], self.pad).astype(np.int64)
        text = inside & ~np.isin(ids, self.special)
        # A row without any text piece is pooled over what it has.
        text[~text.any(axis=1)] = inside[~text.any(axis=1)]
        found = {"input_ids": ids, "attention_mask": inside, "text_mask": text}
        if labels is not None:
            found["intent_labels"] = self.intents[rows].astype(np.int64)
            found["slot_labels"] = np.where(inside, labels[at], NO_LABEL).astype(np.int64)
        return {name: torch.from_numpy(value) for name, value in found.items()}


def encode_split(
    split: DataSplit,
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    rows: int | None = None,
) -> EncodedSet:
    """A split, from the cache if it is there; `rows` caps each locale."""
    backend = backend_of(tokenizer)
    settings = f"pieces {_FORMAT} {fingerprint(tokenizer)} {placement} {max_length}"

    parts = [
        _taken(
            cached_part(one, settings, partial(_encode, one, backend, placement, max_length)),
            one.capped_rows(rows),
        )
        for one in split.by_locale()
    ]
    return _joined(parts, split.locales, tokenizer)


def encode_sampled(
    split: DataSplit,
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    smoothing: float,
    copies: int,
    seed: int,
    rows: int | None = None,
) -> EncodedSet:
    """A split several times over, one copy after the other, each segmented anew.

    The same for the same seed, from the cache if it is there. See `SegmentationSampler`.

    Raises:
        ConfigError: The tokenizer is none of a unigram model.
    """
    backend = backend_of(tokenizer)
    sampler = SegmentationSampler(backend, smoothing, np.random.default_rng(seed))
    base = f"drawn {_FORMAT} {fingerprint(tokenizer)} {placement} {max_length} {smoothing} {seed}"

    def part(one: DataSplit, copy: int) -> Part:
        def draw() -> Part:
            # Each part has a chance of its own, so that none hangs on what was in the cache.
            sampler.restart(
                np.random.default_rng([seed, copy, zlib.crc32(one.locales[0].encode())])
            )
            return _encode(one, backend, placement, max_length, one.capped_rows(rows), sampler)

        return cached_part(one, f"{base} {copy} {rows}", draw)

    parts = [part(one, copy) for copy in range(copies) for one in split.by_locale()]
    return _joined(parts, split.locales * copies, tokenizer)


def encode_utterances(
    utterances: Sequence[str],
    tokens: Sequence[Sequence[str]],
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    locale: str = "",
) -> EncodedSet:
    """Unlabelled utterances, encoded."""
    placed = place(
        backend_of(tokenizer), utterances, tokens, placement=placement, max_length=max_length
    )
    part: Part = {
        "pieces": placed.pieces,
        "piece_offsets": placed.piece_offsets,
        "positions": placed.positions,
        "token_offsets": placed.token_offsets,
        "owners": placed.owners,
        "intents": np.full(len(utterances), -1, np.int32),
        "labels": np.full(len(placed.positions), -1, np.int16),
        "truncated": np.array(placed.truncated),
    }
    return _joined([part], [locale], tokenizer)


def _encode(
    split: DataSplit,
    backend: Any,
    placement: Placement,
    max_length: int,
    rows: NDArray[np.int64] | None = None,
    segmenter: Segmenter | None = None,
) -> Part:
    table = split.read(["utt", "tokens", "intent", "labels"])
    if rows is not None:
        table = table.take(pa.array(rows))
    placed = place(
        backend,
        table.column("utt").to_pylist(),
        table.column("tokens").to_pylist(),
        placement=placement,
        max_length=max_length,
        segmenter=segmenter,
    )
    intents = np.full(len(table), -1, np.int32)
    labels = np.full(len(placed.positions), -1, np.int16)
    if not table.column("labels").null_count:
        columns = split.labels()
        intents, labels = columns.intents, columns.labels
        if rows is not None:
            intents, (labels, _) = intents[rows], cut(labels, columns.offsets, rows)
    return {
        "pieces": placed.pieces,
        "piece_offsets": placed.piece_offsets,
        "positions": placed.positions,
        "token_offsets": placed.token_offsets,
        "owners": placed.owners,
        "intents": intents,
        "labels": labels,
        "truncated": np.array(placed.truncated),
    }


def _taken(part: Part, rows: NDArray[np.int64] | None) -> Part:
    if rows is None:
        return part
    return {
        "intents": part["intents"][rows],
        "truncated": part["truncated"],
        **_cut_flat(part, rows),
    }


def _cut_flat(arrays: Part, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The flat arrays of some rows alone, with offsets of their own."""
    found: Part = {}
    for offsets, names in _FLAT.items():
        for name in names:
            found[name], found[offsets] = cut(arrays[name], arrays[offsets], rows)
    return found


def _joined(
    parts: Sequence[Mapping[str, NDArray[Any]]], locales: Sequence[str], tokenizer: Any
) -> EncodedSet:
    def flat(name: str, kind: Any) -> NDArray[Any]:
        return np.concatenate([part[name] for part in parts] or [np.zeros(0, kind)]).astype(kind)

    def offsets(name: str) -> NDArray[np.int64]:
        counts = [np.diff(part[name]) for part in parts]
        return np.concatenate([[0], np.cumsum(np.concatenate(counts or [np.zeros(0, np.int64)]))])

    counts = [len(part["intents"]) for part in parts]
    return EncodedSet(
        locales=tuple(locales),
        locale=np.repeat(np.arange(len(parts), dtype=np.int16), counts),
        pieces=flat("pieces", np.int32),
        piece_offsets=offsets("piece_offsets").astype(np.int64),
        positions=flat("positions", np.int32),
        token_offsets=offsets("token_offsets").astype(np.int64),
        owners=flat("owners", np.int32),
        intents=flat("intents", np.int32),
        labels=flat("labels", np.int16),
        special=np.array(
            sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}), np.int32
        ),
        pad=int(tokenizer.pad_token_id or 0),
        truncated=sum(int(part["truncated"]) for part in parts),
    )
