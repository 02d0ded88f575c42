"""Words as a frozen encoder reads them in texts: hidden states of some of its layers.

After Vulic et al. 2020 (aclanthology.org/2020.emnlp-main.586), who find that words of two languages
are matched better so than read alone, and by some layers together better than by the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from massive_kit.data.lexicons.coverage import has_letter
from massive_kit.data.lexicons.glossing import plain
from massive_kit.data.lexicons.induced import fits_line
from massive_kit.data.ragged import flat, places
from massive_kit.engine.attention_masks import known_whole
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.engine.texts import words_of_subwords
from massive_kit.engine.transfers import moved
from massive_kit.systems.lexicon_induction.matching import Vectors
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Most subwords of a batch, padding included.
_BUDGET = 8192
_NO_WORD = -1


@dataclass(frozen=True, slots=True)
class ContextualWords:
    """The distinct words of some texts that can be entries of a dictionary.

    Attributes:
        words: The words, as `plain` has them, sorted.
        counts: Shape (n,), how often each occurs.
        vectors: Shape (n, layers x width): the mean over its occurrences, less that of all words,
            each layer of length 1.
        mean: Shape (layers x width,), that of all words.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    vectors: Vectors
    mean: Vectors

    def often(self, least: int) -> ContextualWords:
        """Those that occur so often at least; what is subtracted stays the mean of all."""
        kept = np.flatnonzero(self.counts >= least)
        words = tuple(self.words[number] for number in kept)
        return ContextualWords(words, self.counts[kept], self.vectors[kept], self.mean)


@dataclass(frozen=True, slots=True)
class ContextReader:
    """Reads words in context.

    Attributes:
        encoder: A frozen encoder; texts have its prefix before them.
        layers: The layers that are read, counted from 0.
    """

    encoder: SentenceEncoder
    layers: tuple[int, ...]

    @classmethod
    def at_depths(cls, encoder: SentenceEncoder, depths: Sequence[float]) -> ContextReader:
        """One that reads the layers at shares of the encoder's depth, of which 1 is the last."""
        count = int(encoder.body.config.num_hidden_layers)
        layers = (max(0, round(depth * count) - 1) for depth in depths)
        return cls(encoder, tuple(dict.fromkeys(layers)))

    @property
    def width(self) -> int:
        """Of a layer."""
        return int(self.encoder.body.config.hidden_size)

    def words(
        self,
        rows: Sequence[Sequence[str]],
        *,
        characters: bool = False,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> ContextualWords:
        """The distinct words of texts.

        Args:
            rows: The tokens of each.
            characters: Whether tokens are characters of a text without spaces; then its words are
                the encoder's own subwords.
            progress: Called with the number of texts that were read.
        """
        read = _SplitTexts.of(rows, self.encoder, characters=characters)
        names = sorted({name for name in read.tokens if has_letter(name) and fits_line(name)})
        index = {name: number for number, name in enumerate(names)}
        number_of_token = np.array([index.get(name, _NO_WORD) for name in read.tokens], np.int64)
        sums = np.zeros((len(names), len(self.layers) * self.width), np.float32)
        counts = np.zeros(len(names), np.int64)
        for tokens, vectors in self._vectors(read, progress):
            numbers = number_of_token[tokens]
            known = numbers != _NO_WORD
            # Adds up what occurs more than once, which indices alone would not.
            torch.from_numpy(sums).index_add_(
                0, torch.from_numpy(numbers[known]), vectors[torch.from_numpy(known)]
            )
            counts += np.bincount(numbers[known], minlength=len(names))
        # Words past where every text of theirs was cut were never read.
        kept = np.flatnonzero(counts)
        means = sums[kept] / counts[kept, None].astype(np.float32)
        mean = means.mean(axis=0) if len(kept) else np.zeros(sums.shape[1], np.float32)
        words = tuple(names[number] for number in kept)
        return ContextualWords(words, counts[kept], layers_of_length_one(means - mean, self), mean)

    def tokens(
        self, rows: Sequence[Sequence[str]], progress: Callable[[int], None] = lambda _done: None
    ) -> Vectors:
        """Shape (tokens, layers x width), of the tokens of texts, text by text; 0 for what is cut.

        Args:
            rows: The tokens of each.
            progress: Called with the number of texts that were read.
        """
        read = _SplitTexts.of(rows, self.encoder, characters=False)
        made = np.zeros((len(read.tokens), len(self.layers) * self.width), np.float32)
        for tokens, vectors in self._vectors(read, progress):
            made[tokens] = vectors
        return made

    def _vectors(
        self, read: _SplitTexts, progress: Callable[[int], None]
    ) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
        """Tokens, some texts at a time, and of each the mean of its subwords' states."""
        lengths = np.diff(read.offsets)
        empty = int((lengths == 0).sum())
        if empty:
            progress(empty)
        order = np.argsort(lengths, kind="stable")[empty:]
        for chosen in length_batches(lengths, order, _BUDGET):
            at = places(read.offsets, chosen)
            inside = np.arange(lengths[chosen].max()) < lengths[chosen][:, None]
            owners = read.owners[at]
            counted = owners != _NO_WORD
            tokens, numbers = np.unique(owners[counted], return_inverse=True)
            pieces = torch.from_numpy(np.bincount(numbers, minlength=len(tokens))).unsqueeze(1)
            if len(tokens):
                states = self._states(read.subwords[at], inside)[torch.from_numpy(counted)]
                sums = torch.zeros(len(tokens), states.shape[1])
                yield tokens, sums.index_add_(0, torch.from_numpy(numbers), states) / pieces
            progress(len(chosen))

    @torch.inference_mode()
    def _states(self, subwords: NDArray[np.int32], inside: NDArray[np.bool_]) -> Tensor:
        """Shape (subwords, layers x width), of the subwords of a batch, text by text.

        Args:
            subwords: Flat.
            inside: Shape (texts, longest), where there is one.
        """
        body = self.encoder.body
        device = next(body.parameters()).device
        ids = np.full(inside.shape, int(self.encoder.tokenizer.pad_token_id or 0), np.int64)
        ids[inside] = subwords
        mask = moved(torch.from_numpy(inside), device)
        with (
            known_whole(whole=bool(inside.all())),
            autocast(device, self.encoder.precision),
        ):
            output = body(
                input_ids=moved(torch.from_numpy(ids), device),
                attention_mask=mask.long(),
                output_hidden_states=True,
            )
        # The first are the embeddings.
        layers = [output.hidden_states[layer + 1][mask].float() for layer in self.layers]
        return torch.cat(layers, dim=1).cpu()


def layers_of_length_one(vectors: Vectors, reader: ContextReader) -> Vectors:
    """Vectors whose layers count alike.

    Args:
        vectors: Shape (n, layers x width).
        reader: Which layers they are of.
    """
    layers = vectors.reshape(len(vectors), len(reader.layers), reader.width)
    lengths = np.linalg.norm(layers, axis=2, keepdims=True)
    unit: Vectors = (layers / np.maximum(lengths, 1e-9)).reshape(vectors.shape)
    return unit


@dataclass(frozen=True, slots=True)
class _SplitTexts:
    """The tokens of some texts and their subwords, flat.

    Attributes:
        tokens: As `plain` has them.
        subwords: Of all texts.
        owners: For each subword the place of its token, or -1.
        offsets: Shape (texts + 1,), where the subwords of each begin.
    """

    tokens: list[str]
    subwords: NDArray[np.int32]
    owners: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[str]], encoder: SentenceEncoder, *, characters: bool
    ) -> _SplitTexts:
        """Those of texts, each cut to what the encoder can read."""
        prefix = encoder.settings.prefix
        before = prefix.split()
        texts = [("" if characters else " ").join(row) for row in rows]
        encoded = encoder.encode(texts)
        tokens: list[str] = []
        owners: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for row, text, spans, special in zip(
            rows, texts, encoded.spans, encoded.special, strict=True
        ):
            if characters:
                named, of_text = _pieces(prefix + text, len(prefix), spans, special)
            else:
                named = [*row]
                words = words_of_subwords(prefix + text, [*before, *row], spans, special)
                of_text = [max(_NO_WORD, word - len(before)) for word in words]
            numbers = np.array(of_text, np.int64)
            owners.append(np.where(numbers == _NO_WORD, _NO_WORD, numbers + len(tokens)))
            tokens += map(plain, named)
        subwords, offsets = flat(encoded.subwords)
        return cls(tokens, subwords, np.concatenate(owners), offsets)


def _pieces(
    text: str, start: int, spans: Sequence[tuple[int, int]], special: Sequence[int]
) -> tuple[list[str], list[int]]:
    """What the subwords of a text stand for, and for each subword which of these it is.

    Subwords of one place, such as bytes of a character, are one piece.

    Args:
        text: The text, a prefix before it.
        start: Where it begins.
        spans: Of each subword.
        special: Of each subword, whether it is not text.
    """
    pieces: list[str] = []
    owners: list[int] = []
    last = (0, 0)
    for (begin, end), is_special in zip(spans, special, strict=True):
        piece = text[max(begin, start) : end].strip()
        if is_special or not piece:
            owners.append(_NO_WORD)
            continue
        if (begin, end) != last:
            pieces.append(piece)
            last = begin, end
        owners.append(len(pieces) - 1)
    return pieces, owners
