"""Words as a frozen encoder reads them in texts: the mean of their hidden states over occurrences.

After Vulic et al. 2020 (aclanthology.org/2020.emnlp-main.586), who find that words of two languages
are matched better so than read alone, and by some layers together better than by the last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
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
# SentencePiece's mark of a space.
_SPACE = "\u2581"


@dataclass(frozen=True, slots=True)
class ContextualWords:
    """The distinct words of some texts that can be entries of a dictionary.

    Attributes:
        words: The words, as `plain` has them, sorted.
        counts: Shape (n,), how often each occurs.
        vectors: Shape (n, layers x width), of each layer less the mean of all words, of length 1.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    vectors: Vectors

    def often(self, least: int) -> ContextualWords:
        """Those that occur so often at least."""
        kept = np.flatnonzero(self.counts >= least)
        words = tuple(self.words[number] for number in kept)
        return ContextualWords(words, self.counts[kept], self.vectors[kept])


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

    def read(
        self,
        rows: Sequence[Sequence[str]],
        *,
        characters: bool = False,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> ContextualWords:
        """The words of texts.

        Args:
            rows: The tokens of each.
            characters: Whether tokens are characters of a text without spaces; then its words are
                the encoder's own subwords.
            progress: Called with the number of texts that were read.
        """
        read = _TextSubwords.of(rows, self.encoder, characters=characters)
        width = int(self.encoder.body.config.hidden_size)
        sums = torch.zeros(len(read.words), len(self.layers) * width)
        lengths = np.diff(read.offsets)
        for chosen in length_batches(lengths, np.argsort(lengths, kind="stable"), _BUDGET):
            inside = np.arange(lengths[chosen].max()) < lengths[chosen][:, None]
            at = places(read.offsets, chosen)
            states = self._states(read.subwords[at], inside)
            of_words = read.numbers[at]
            counted = of_words != _NO_WORD
            weights = torch.from_numpy(read.weights[at][counted])
            sums.index_add_(
                0,
                torch.from_numpy(of_words[counted]),
                states[torch.from_numpy(counted)] * weights[:, None],
            )
            progress(len(chosen))
        order = sorted(range(len(read.words)), key=read.words.__getitem__)
        kept = [number for number in order if _is_entry(read.words[number])]
        counts = np.bincount(read.occurrences, minlength=len(read.words))[kept]
        means = sums.numpy()[kept] / counts[:, None].astype(np.float32)
        words = tuple(read.words[number] for number in kept)
        return ContextualWords(words, counts, _layer_by_layer(means, width))

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


@dataclass(frozen=True, slots=True)
class _TextSubwords:
    """The subwords of some texts, flat, each with the word that it is of.

    Attributes:
        words: The distinct words.
        subwords: Of all texts.
        numbers: For each the place of its word among `words`, or -1.
        weights: For each its share of one occurrence of the word.
        occurrences: For each occurrence of a word its place among `words`.
        offsets: Shape (texts + 1,), where each text begins.
    """

    words: list[str]
    subwords: NDArray[np.int32]
    numbers: NDArray[np.int64]
    weights: NDArray[np.float32]
    occurrences: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(
        cls, rows: Sequence[Sequence[str]], encoder: SentenceEncoder, *, characters: bool
    ) -> _TextSubwords:
        """Those of texts, each cut to what the encoder can read."""
        before = encoder.settings.prefix.split()
        between = "" if characters else " "
        texts = [between.join(tokens) for tokens in rows]
        encoded = encoder.encode(texts)
        index: dict[str, int] = {}
        numbers: list[int] = []
        weights: list[float] = []
        occurrences: list[int] = []
        for tokens, text, subwords, spans, special in zip(rows, texts, *encoded, strict=True):
            if characters:
                # Each subword of the text is a word, a bare mark of a space none.
                names = encoder.tokenizer.convert_ids_to_tokens(subwords)
                names = [name.strip(_SPACE) for name in names]
                start = len(encoder.settings.prefix)
                owners = [
                    place if name and not is_special and end > start else _NO_WORD
                    for place, (name, (_, end), is_special) in enumerate(
                        zip(names, spans, special, strict=True)
                    )
                ]
            else:
                names = [*tokens]
                whole = encoder.settings.prefix + text
                owners = [
                    max(_NO_WORD, owner - len(before))
                    for owner in words_of_subwords(whole, [*before, *tokens], spans, special)
                ]
            counted = [owner for owner in owners if owner != _NO_WORD]
            pieces = Counter(counted)
            known = {owner: index.setdefault(plain(names[owner]), len(index)) for owner in pieces}
            occurrences += known.values()
            numbers += [known.get(owner, _NO_WORD) for owner in owners]
            weights += [1 / pieces[owner] if owner in known else 0.0 for owner in owners]
        flat_subwords, offsets = flat(encoded.subwords)
        return cls(
            [*index],
            flat_subwords,
            np.array(numbers, np.int64),
            np.array(weights, np.float32),
            np.array(occurrences, np.int64),
            offsets,
        )


def _is_entry(word: str) -> bool:
    return has_letter(word) and fits_line(word)


def _layer_by_layer(vectors: Vectors, width: int) -> Vectors:
    """Vectors whose layers count alike: each less its mean, of length 1."""
    if not len(vectors):
        return vectors
    layers = vectors.reshape(len(vectors), -1, width)
    layers = layers - layers.mean(axis=0)
    lengths = np.linalg.norm(layers, axis=2, keepdims=True)
    unit: Vectors = (layers / np.maximum(lengths, 1e-9)).reshape(len(vectors), -1)
    return unit
