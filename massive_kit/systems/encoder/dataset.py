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

from massive_kit.data.ragged import cut, offsets_of, rows_of_lengths
from massive_kit.data.split import DataSplit
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.engine.tokenizers import backend_of, fingerprint
from massive_kit.systems.encoder.subword_sampling import CutSampling
from massive_kit.systems.subwords.alignment import Segmenter, align_tokens
from massive_kit.systems.subwords.placement import Placement
from massive_kit.systems.subwords.rows import BatchPlaces, padded, token_subwords

# A new way of encoding must not find what an older one left in the cache.
_FORMAT = 3
# The flat arrays, by the offsets that cut them into rows.
_FLAT = {
    "subword_offsets": ("subwords", "owners"),
    "token_offsets": ("positions", "labels"),
}
_ARRAYS = [*_FLAT, *(name for names in _FLAT.values() for name in names)]


@dataclass(frozen=True, slots=True)
class EncoderDataset:
    """n utterances as an encoder reads them; rows of a locale stand together.

    Attributes:
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        subwords: Flat, the subword ids of all rows.
        subword_offsets: Shape (n + 1,), where each row's subwords begin.
        positions: Flat, for each token the position of its subword within its row.
        token_offsets: Shape (n + 1,), where each row's tokens begin.
        owners: Flat, for each subword the token of its row that it is a part of, or -1.
        intents: Shape (n,), -1 where unlabelled.
        labels: Flat, for each token its label, -1 where unlabelled.
        special: The ids of subwords that are not text, such as `<s>`.
        pad: The id that fills rows up.
        truncated: How many rows lost subwords to the limit on length.
    """

    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    subwords: NDArray[np.int32]
    subword_offsets: NDArray[np.int64]
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
        """Shape (n,), subwords an utterance."""
        return np.diff(self.subword_offsets)

    @property
    def token_subwords(self) -> NDArray[np.int64]:
        """Flat, for each token the place of its subword in `subwords`."""
        return token_subwords(self)

    def taken(self, rows: NDArray[np.int64]) -> EncoderDataset:
        """Some rows alone."""
        values: dict[str, Any] = _cut_flat({name: getattr(self, name) for name in _ARRAYS}, rows)
        return replace(self, locale=self.locale[rows], intents=self.intents[rows], **values)

    def repeated(self, times: int) -> EncoderDataset:
        """All rows so many times, one copy after the other."""
        if times == 1:
            return self
        copies = self.taken(np.tile(np.arange(len(self)), times))
        return replace(copies, truncated=self.truncated * times)

    def subword_labels(self, further: NDArray[np.int16] | None = None) -> NDArray[np.int16]:
        """Flat, a label for each subword; of several tokens on one subword the first counts.

        Args:
            further: Flat, for each token the label of its subwords beside the one that speaks for
                it; by default they have none.
        """
        row_labels = np.full(len(self.subwords), NO_LABEL, np.int16)
        if further is not None:
            owned = np.flatnonzero(self.owners >= 0)
            before = np.repeat(self.token_offsets[:-1], self.lengths)
            row_labels[owned] = further[(before + self.owners)[owned]]
        # Assigned in reverse, so that the first token of a subword wins.
        row_labels[self.token_subwords[::-1]] = self.labels[::-1]
        row_labels[row_labels < 0] = NO_LABEL
        return row_labels

    def remapped(self, table: NDArray[np.int32]) -> EncoderDataset:
        """The same with other subword ids: `table[old] = new`."""
        return replace(
            self,
            subwords=table[self.subwords],
            special=table[self.special],
            pad=int(table[self.pad]),
        )

    def batch(
        self, rows: NDArray[np.int64], labels: NDArray[np.int16] | None = None
    ) -> dict[str, torch.Tensor]:
        """Rows padded to the longest of them; with `labels`, those of `subword_labels`."""
        places = BatchPlaces.of(self, rows)
        arrays = padded(self, places, self.special, self.pad)
        if labels is not None:
            intents = self.intents[rows].astype(np.int64)
            arrays["intent_labels"] = np.where(intents < 0, NO_LABEL, intents)
            slots = np.where(places.inside, labels[places.at], NO_LABEL)
            arrays["slot_labels"] = slots.astype(np.int64)
        return {name: torch.from_numpy(value) for name, value in arrays.items()}


def encode_split(
    split: DataSplit,
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    rows: int | None = None,
) -> EncoderDataset:
    """A split, from the cache if it is there; `rows` caps each locale."""
    backend = backend_of(tokenizer)
    settings = f"subwords {_FORMAT} {fingerprint(tokenizer)} {placement} {max_length}"

    parts = [
        _taken(
            cached_part(
                locale_split,
                settings,
                partial(_encode, locale_split, backend, placement, max_length),
            ),
            locale_split.capped_rows(rows),
        )
        for locale_split in split.by_locale()
    ]
    return _joined(parts, split.locales, tokenizer)


def encode_sampled(
    split: DataSplit,
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    sampling: CutSampling,
    copies: int,
    rows: int | None = None,
) -> EncoderDataset:
    """A split several times over, one copy after the other, each segmented anew.

    The same for the same seed, from the cache if it is there. See `SegmentationSampler`.

    Raises:
        ConfigError: The tokenizer is none of a unigram model.
    """
    backend = backend_of(tokenizer)
    sampler = sampling.sampler(backend)
    base = f"drawn {_FORMAT} {fingerprint(tokenizer)} {placement} {max_length} {sampling}"

    def part(locale_split: DataSplit, copy: int) -> Part:
        def draw() -> Part:
            # Each part has a chance of its own, so that none hangs on what was in the cache.
            sampler.restart(sampling.chance(copy, zlib.crc32(locale_split.locales[0].encode())))
            chosen = locale_split.capped_rows(rows)
            return _encode(locale_split, backend, placement, max_length, chosen, sampler)

        return cached_part(locale_split, f"{base} {copy} {rows}", draw)

    parts = [part(locale, copy) for copy in range(copies) for locale in split.by_locale()]
    return _joined(parts, split.locales * copies, tokenizer)


def encode_utterances(
    utterances: Sequence[str],
    tokens: Sequence[Sequence[str]],
    tokenizer: Any,
    *,
    placement: Placement,
    max_length: int,
    locale: str = "",
    segmenter: Segmenter | None = None,
) -> EncoderDataset:
    """Unlabelled utterances, encoded; a segmenter may cut them in the tokenizer's stead."""
    aligned = align_tokens(
        backend_of(tokenizer),
        utterances,
        tokens,
        placement=placement,
        max_length=max_length,
        segmenter=segmenter,
    )
    part: Part = {
        "subwords": aligned.subwords,
        "subword_offsets": aligned.subword_offsets,
        "positions": aligned.positions,
        "token_offsets": aligned.token_offsets,
        "owners": aligned.owners,
        "intents": np.full(len(utterances), -1, np.int32),
        "labels": np.full(len(aligned.positions), -1, np.int16),
        "truncated": np.array(aligned.truncated),
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
    aligned = align_tokens(
        backend,
        table.column("utt").to_pylist(),
        table.column("tokens").to_pylist(),
        placement=placement,
        max_length=max_length,
        segmenter=segmenter,
    )
    intents = np.full(len(table), -1, np.int32)
    labels = np.full(len(aligned.positions), -1, np.int16)
    if not table.column("labels").null_count:
        columns = split.labels()
        intents, labels = columns.intents, columns.labels
        if rows is not None:
            intents, (labels, _) = intents[rows], cut(labels, columns.offsets, rows)
    return {
        "subwords": aligned.subwords,
        "subword_offsets": aligned.subword_offsets,
        "positions": aligned.positions,
        "token_offsets": aligned.token_offsets,
        "owners": aligned.owners,
        "intents": intents,
        "labels": labels,
        "truncated": np.array(aligned.truncated),
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
    cut_arrays: Part = {}
    for offsets, names in _FLAT.items():
        for name in names:
            cut_arrays[name], cut_arrays[offsets] = cut(arrays[name], arrays[offsets], rows)
    return cut_arrays


def _joined(
    parts: Sequence[Mapping[str, NDArray[Any]]], locales: Sequence[str], tokenizer: Any
) -> EncoderDataset:
    def flat(name: str, kind: Any) -> NDArray[Any]:
        values = [part[name] for part in parts] or [np.zeros(0, kind)]
        return np.concatenate(values, dtype=kind, casting="same_kind")

    def offsets(name: str) -> NDArray[np.int64]:
        counts = [np.diff(part[name]) for part in parts]
        return offsets_of(np.concatenate([np.zeros(0, np.int64), *counts]))

    counts = [len(part["intents"]) for part in parts]
    return EncoderDataset(
        locales=tuple(locales),
        locale=rows_of_lengths(counts, np.int16),
        subwords=flat("subwords", np.int32),
        subword_offsets=offsets("subword_offsets"),
        positions=flat("positions", np.int32),
        token_offsets=offsets("token_offsets"),
        owners=flat("owners", np.int32),
        intents=flat("intents", np.int32),
        labels=flat("labels", np.int16),
        special=special_ids(tokenizer),
        pad=int(tokenizer.pad_token_id or 0),
        truncated=sum(int(part["truncated"]) for part in parts),
    )


def special_ids(tokenizer: Any) -> NDArray[np.int32]:
    """The ids of a tokenizer's subwords that are not text, such as `<s>`, in order."""
    return np.array(sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}), np.int32)


class EncoderBatches(BatchDataset):
    """A labelled dataset, of which a data loader takes whole batches.

    `further` is that of `EncoderDataset.subword_labels`; `weights`, shape (n,), says how much the
    labels of each row count, where they do not all count alike.
    """

    def __init__(
        self,
        data: EncoderDataset,
        further: NDArray[np.int16] | None = None,
        weights: NDArray[np.float32] | None = None,
    ) -> None:
        self.data = data
        self.weights = weights
        self.labels = data.subword_labels(further)
        self.longest = int(data.lengths.max(initial=0))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """A batch."""
        batch = self.made(rows)
        if self.weights is not None:
            batch["row_weights"] = torch.from_numpy(self.weights[rows])
        return batch

    def made(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """What a model reads of some rows, with their labels."""
        return self.data.batch(rows, self.labels)
