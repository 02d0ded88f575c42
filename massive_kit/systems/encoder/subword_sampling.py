"""Subword regularisation: segmentations of training text drawn at random, from a seed.

Kudo 2018 (aclanthology.org/P18-1007): a unigram language model gives each way of cutting a word
into subwords a probability p; training on cuts drawn by p to the power of `smoothing` instead of on
the best one makes a model rely less on whole words of the language it is trained on. `tokenizers`
draws too, but from a generator that takes no seed, so that no run could be repeated or resumed.
"""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from massive_kit.errors import ConfigError, Problem

# Uniform numbers drawn at a time; one by one they would cost more than the rest.
_DRAWN = 65_536
# Words whose lattices are kept from one call to the next.
_MOST_WORDS = 50_000


@dataclass(frozen=True, slots=True)
class CutSampling:
    """How training text is cut at random.

    Attributes:
        smoothing: Power of the probabilities; 1 draws by them, less draws more varied cuts.
        seed: Of the draws.
        share: Share of the words that are drawn; the others get their best cut.
        stream: Keeps the draws of one seed for one purpose apart from those for another.
        key: The recipe's key that asks for it, for messages.
    """

    smoothing: float
    seed: int
    share: float = 1.0
    stream: tuple[int, ...] = ()
    key: str = "model.subword_sampling"

    def sampler(self, backend: Any) -> SegmentationSampler:
        """What draws with a tokenizer; `restart` it for each text.

        Raises:
            ConfigError: The tokenizer's model gives cuts no probabilities.
        """
        chance = np.random.default_rng([self.seed, *self.stream])
        return SegmentationSampler(backend, self.smoothing, chance, self.share, self.key)

    def chance(self, *names: int) -> np.random.Generator:
        """Chance for a part of the text, which hangs on no other part."""
        return np.random.default_rng([self.seed, *names, *self.stream])

    def __str__(self) -> str:
        """All that decides what is drawn, for the name of what is kept of it."""
        more = "" if (self.share, self.stream) == (1, ()) else f" {self.share} {self.stream}"
        return f"{self.smoothing} {self.seed}{more}"


@dataclass(frozen=True, slots=True)
class Segmented:
    """One text as subwords, with the fields of a `tokenizers.Encoding` that placing reads."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    special_tokens_mask: list[int]


@dataclass(frozen=True, slots=True)
class _Lattice:
    """All cuts of a word; for each end in it the subwords that may end there.

    Attributes:
        starts: For each end, where its subwords start.
        ids: For each end, their ids.
        shares: For each end, running sums of their probabilities given that a subword ends there.
    """

    starts: list[list[int]]
    ids: list[list[int]]
    shares: list[list[float]]


@dataclass(slots=True)
class SegmentationSampler:
    """Draws segmentations with a unigram tokenizer.

    Texts that the tokenizer normalises, and those with characters that no subword covers, get their
    ordinary segmentation, since offsets count in the text as it is written.

    Attributes:
        backend: A `tokenizers.Tokenizer` with a unigram model.
        smoothing: Power of the probabilities; 1 draws by them, less draws more varied cuts.
        rng: Where the chance comes from; `restart` takes another.
        share: Share of the words that are drawn; the others get their best cut.
        key: The recipe's key that asks for it, for messages.
    """

    backend: Any
    smoothing: float
    rng: np.random.Generator
    share: float = 1.0
    key: str = "model.subword_sampling"
    _scores: dict[str, tuple[int, float]] = field(init=False)
    _longest: int = field(init=False)
    _words: dict[str, _Lattice | None] = field(init=False, default_factory=dict)
    _chances: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Reads the subwords and their scores.

        Raises:
            ConfigError: The tokenizer's model gives cuts no probabilities.
        """
        state = json.loads(self.backend.to_str())
        model = state["model"]
        if model["type"] != "Unigram":
            raise ConfigError(
                "the recipe does not fit the tokenizer",
                [
                    Problem(
                        "recipe",
                        f"{self.key} with a {model['type']} tokenizer",
                        "a unigram tokenizer, such as that of XLM-R or mT5",
                        "take it out",
                    )
                ],
            )
        special = {token["id"] for token in state["added_tokens"]} | {model["unk_id"]}
        self._scores = {
            subword: (i, score)
            for i, (subword, score) in enumerate(model["vocab"])
            if i not in special and subword
        }
        self._longest = max(map(len, self._scores), default=0)

    def restart(self, rng: np.random.Generator) -> None:
        """Goes on with chance from elsewhere, as if it were new."""
        self.rng = rng
        self._chances = []

    def encode_batch(self, texts: Sequence[str]) -> list[Segmented]:
        """The texts, each cut anew, with the special subwords of the ordinary encoding around."""
        if len(self._words) > _MOST_WORDS:
            self._words.clear()
        usual = self.backend.encode_batch(list(texts))
        return [self._drawn(text, encoding) for text, encoding in zip(texts, usual, strict=True)]

    def _drawn(self, text: str, usual: Any) -> Segmented:
        ordinary = Segmented(usual.ids, usual.offsets, usual.special_tokens_mask)
        normalizer = self.backend.normalizer
        if normalizer is not None and normalizer.normalize_str(text) != text:
            return ordinary
        words = self.backend.pre_tokenizer.pre_tokenize_str(text)
        best = self._best_cuts(usual, len(words)) if self.share < 1 else None
        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        for number, (word, (start, end)) in enumerate(words):
            if best is not None and self._chance() >= self.share:
                ids += [usual.ids[k] for k in best[number]]
                offsets += [usual.offsets[k] for k in best[number]]
                continue
            if word not in self._words:
                self._words[word] = self._lattice(word)
            lattice = self._words[word]
            # A mark of a space that stands for none in the text shifts the rest by one.
            shift = len(word) - (end - start)
            if lattice is None or shift not in {0, 1}:
                return ordinary
            for i, j, subword in self._cut(lattice):
                ids.append(subword)
                offsets.append((start + max(0, i - shift), start + max(0, j - shift)))
        mask = usual.special_tokens_mask
        real = [k for k, special in enumerate(mask) if not special]
        if not real:
            return ordinary
        head, tail = real[0], len(mask) - 1 - real[-1]
        tail_start = len(mask) - tail
        return Segmented(
            [*usual.ids[:head], *ids, *usual.ids[tail_start:]],
            [*usual.offsets[:head], *offsets, *usual.offsets[tail_start:]],
            [1] * head + [0] * len(ids) + [1] * tail,
        )

    @staticmethod
    def _best_cuts(usual: Any, words: int) -> list[list[int]]:
        """For each word the places of its subwords in the ordinary encoding."""
        places: list[list[int]] = [[] for _ in range(words)]
        for k, word in enumerate(usual.word_ids):
            if word is not None and word < words:
                places[word].append(k)
        return places

    def _lattice(self, word: str) -> _Lattice | None:
        """The lattice of a word, or `None` where subwords do not cover it."""
        size = len(word)
        total = np.full(size + 1, -np.inf)
        total[0] = 0.0
        starts: list[list[int]] = [[]]
        ids: list[list[int]] = [[]]
        shares: list[list[float]] = [[]]
        for end in range(1, size + 1):
            ending = [
                (start, *self._scores[word[start:end]])
                for start in range(max(0, end - self._longest), end)
                if word[start:end] in self._scores and total[start] > -np.inf
            ]
            weights = np.array([total[i] + self.smoothing * score for i, _, score in ending])
            starts.append([i for i, _, _ in ending])
            ids.append([subword for _, subword, _ in ending])
            if not ending:
                shares.append([])
                continue
            top = weights.max()
            sums = np.cumsum(np.exp(weights - top))
            total[end] = top + np.log(sums[-1])
            shares.append((sums / sums[-1]).tolist())
        return _Lattice(starts, ids, shares) if total[size] > -np.inf else None

    def _cut(self, lattice: _Lattice) -> list[tuple[int, int, int]]:
        """A cut as start, end and id of each subword, drawn from the end to the front."""
        subwords = []
        end = len(lattice.starts) - 1
        while end:
            shares = lattice.shares[end]
            k = min(bisect(shares, self._chance()), len(shares) - 1)
            start = lattice.starts[end][k]
            subwords.append((start, end, lattice.ids[end][k]))
            end = start
        subwords.reverse()
        return subwords

    def _chance(self) -> float:
        if not self._chances:
            self._chances = self.rng.random(_DRAWN).tolist()
        return self._chances.pop()
