"""Texts without labels as subwords, each with the word that it is a part of: encoded once, cached.

Words are the corpus's own tokens: what stands between spaces, or a character in the locales that
are split into characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import cut, offsets_of, rows_of_lengths
from massive_kit.data.split import DataSplit
from massive_kit.engine.text_rows import TextRows
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.engine.tokenizers import backend_of, fingerprint

# A new way of encoding must not find what an older one left in the cache.
_FORMAT = 1
_NO_WORD = -1


@dataclass(frozen=True, slots=True)
class Texts:
    """n texts; those of a locale stand together.

    Attributes:
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        subwords: Flat, the subword ids of all texts.
        words: Flat, as in `TextRows`.
        offsets: Shape (n + 1,), where each text begins.
        special: The ids of subwords that are not text.
        alphabet: The ids of those that are, as far as they occur, ascending.
        pad: The id that fills texts up.
    """

    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    subwords: NDArray[np.int32]
    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    special: NDArray[np.int32]
    alphabet: NDArray[np.int32]
    pad: int

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.locale)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shape (n,), subwords a text."""
        return np.diff(self.offsets)

    def rows(self, rows: NDArray[np.int64], numbers: NDArray[np.int64]) -> TextRows:
        """Some of them, under numbers that decide what is drawn for each."""
        subwords, offsets = cut(self.subwords, self.offsets, rows)
        words, _ = cut(self.words, self.offsets, rows)
        return TextRows(numbers, subwords, words, offsets, self.alphabet)

    def taken(self, rows: NDArray[np.int64]) -> Texts:
        """Some texts alone."""
        subwords, offsets = cut(self.subwords, self.offsets, rows)
        words, _ = cut(self.words, self.offsets, rows)
        return replace(
            self, locale=self.locale[rows], subwords=subwords, words=words, offsets=offsets
        )

    def remapped(self, table: NDArray[np.int32]) -> Texts:
        """The same with other subword ids: `table[old] = new`, which keeps their order."""
        return replace(
            self,
            subwords=table[self.subwords],
            special=table[self.special],
            alphabet=table[self.alphabet],
            pad=int(table[self.pad]),
        )


def encode_texts(
    split: DataSplit, tokenizer: Any, *, max_length: int, rows: int | None = None
) -> Texts:
    """The texts of a split, from the cache if they are there.

    Args:
        split: Of which text and tokens are read, nothing else.
        tokenizer: A fast tokenizer.
        max_length: Most subwords of a text; longer ones are cut.
        rows: Most texts of a locale.
    """
    backend = backend_of(tokenizer)
    settings = f"plain texts {_FORMAT} {fingerprint(tokenizer)} {max_length}"
    parts = []
    for locale_split in split.unlabelled().by_locale():
        part = cached_part(
            locale_split, settings, partial(_encode, locale_split, backend, max_length)
        )
        chosen = locale_split.capped_rows(rows)
        if chosen is not None:
            subwords, offsets = cut(part["subwords"], part["offsets"], chosen)
            words, _ = cut(part["words"], part["offsets"], chosen)
            part = {"subwords": subwords, "words": words, "offsets": offsets}
        parts.append(part)
    return _joined(parts, split.locales, tokenizer)


def words_of_subwords(
    text: str, tokens: Sequence[str], spans: Sequence[tuple[int, int]], special: Sequence[int]
) -> list[int]:
    """The number of the token that each subword is a part of; -1 for what is not text.

    A subword belongs to the token that its last character stands in. One that holds no token's
    character, such as a bare mark of a space, goes with the text after it.

    Args:
        text: The text.
        tokens: Its tokens; where they are not those of the text, what stands between spaces is.
        spans: For each subword, where its characters begin and end in the text.
        special: For each subword, whether it is not text.
    """
    owner = _token_of_characters(text, tokens)
    numbers = [
        _NO_WORD if is_special or not start < end <= len(owner) else owner[end - 1]
        for (start, end), is_special in zip(spans, special, strict=True)
    ]
    last = max(numbers, default=_NO_WORD)
    for place in range(len(numbers) - 1, -1, -1):
        if numbers[place] != _NO_WORD:
            last = numbers[place]
        elif not special[place]:
            numbers[place] = last
    return numbers


def _token_of_characters(text: str, tokens: Sequence[str]) -> list[int]:
    owner = [_NO_WORD] * len(text)
    end = 0
    for number, token in enumerate(tokens):
        start = text.find(token, end)
        if start < 0:
            return _token_of_characters(text, text.split())
        end = start + len(token)
        owner[start:end] = [number] * len(token)
    return owner


def _encode(split: DataSplit, backend: Any, max_length: int) -> Part:
    table = split.read(["utt", "tokens"])
    texts, tokens = table.column("utt").to_pylist(), table.column("tokens").to_pylist()
    subwords: list[int] = []
    words: list[int] = []
    lengths: list[int] = []
    for text, text_tokens, encoding in zip(texts, tokens, backend.encode_batch(texts), strict=True):
        ids, special = encoding.ids, encoding.special_tokens_mask
        numbers = words_of_subwords(text, text_tokens, encoding.offsets, special)
        if len(ids) > max_length:
            # What closes a text stays.
            end = max_length - (1 if special[-1] else 0)
            ids = [*ids[:end], *ids[len(ids) - max_length + end :]]
            numbers = [*numbers[:end], *numbers[len(numbers) - max_length + end :]]
        subwords += ids
        words += numbers
        lengths.append(len(ids))
    return {
        "subwords": np.array(subwords, np.int32),
        "words": np.array(words, np.int32),
        "offsets": offsets_of(lengths),
    }


def _joined(parts: Sequence[Part], locales: tuple[str, ...], tokenizer: Any) -> Texts:
    def flat(name: str) -> NDArray[np.int32]:
        return np.concatenate([np.zeros(0, np.int32), *(part[name] for part in parts)])

    lengths = [np.diff(part["offsets"]) for part in parts]
    subwords, words = flat("subwords"), flat("words")
    return Texts(
        locales=locales,
        locale=rows_of_lengths([len(part) for part in lengths], np.int16),
        subwords=subwords,
        words=words,
        offsets=offsets_of(np.concatenate([np.zeros(0, np.int64), *lengths])),
        special=np.array(
            sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}), np.int32
        ),
        alphabet=np.unique(subwords[words != _NO_WORD]),
        pad=int(tokenizer.pad_token_id or 0),
    )
