"""Chooses the demonstrations of each prompt from those that a run has frozen."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, zip_longest

import numpy as np

from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.frozen_prompt import FrozenPrompt
from massive_kit.systems.prompted.recipe import Demonstrations


@dataclass(frozen=True)
class Chooser:
    """Chooses demonstrations, the best first.

    Attributes:
        settings: How many, from where and how.
        frozen: What may stand in prompts.
    """

    settings: Demonstrations
    frozen: FrozenPrompt

    def choose(self, utterance: Utterance) -> list[Demonstration]:
        """The demonstrations for an utterance, in the order in which they stand in its prompt.

        The utterance itself, or a row of its id in another language, is never among them.
        """
        best_first = self.best_first(utterance)
        if self.settings.order == "best_last":
            return best_first[::-1]
        if self.settings.order == "best_first":
            return best_first
        order = _generator("order", self.settings.seed, utterance).permutation(len(best_first))
        return [best_first[i] for i in order]

    def best_first(self, utterance: Utterance) -> list[Demonstration]:
        """The same, the best first whatever their order in the prompt."""
        return [*islice(self._allowed(utterance), self.settings.count)]

    def _allowed(self, utterance: Utterance) -> Iterator[Demonstration]:
        languages, source = self.settings.languages, self.frozen.source_locale
        pools = {"source": [source], "own": [utterance.locale], "mix": [utterance.locale, source]}
        ranked = [self._ranked(locale, utterance) for locale in dict.fromkeys(pools[languages])]
        return (row for row in _alternating(ranked) if not is_the_same(row, utterance))

    def _ranked(self, locale: str, utterance: Utterance) -> Iterator[Demonstration]:
        rows = self._by_locale.get(locale, [])
        if self.settings.choose == "fixed":
            return iter(rows)
        return _in_turn(rows, _generator(locale, self.settings.seed, utterance))

    @cached_property
    def _by_locale(self) -> dict[str, list[Demonstration]]:
        rows: dict[str, list[Demonstration]] = {}
        for row in self.frozen.demonstrations:
            rows.setdefault(row.locale, []).append(row)
        return rows


def is_the_same(row: Demonstration, utterance: Utterance) -> bool:
    """Whether a demonstration would give an utterance's answer away."""
    return row.id == utterance.id or _letters(row.text) == _letters(utterance.text)


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded)) or folded.strip()


def _alternating(ranked: Sequence[Iterator[Demonstration]]) -> Iterator[Demonstration]:
    rounds = zip_longest(*ranked)
    return (row for row in chain.from_iterable(rounds) if row is not None)


def _in_turn(
    rows: Sequence[Demonstration], generator: np.random.Generator
) -> Iterator[Demonstration]:
    """Rows in a drawn order that goes through the intents in turn."""
    by_intent: dict[str | None, list[Demonstration]] = {}
    for row in rows:
        by_intent.setdefault(row.intent, []).append(row)
    intents = [*by_intent.values()]
    left = [intents[i] for i in generator.permutation(len(intents))]
    while left:
        for i, of_intent in enumerate(left):
            at = int(generator.integers(len(of_intent)))
            yield of_intent[at]
            left[i] = of_intent[:at] + of_intent[at + 1 :]
        left = [of_intent for of_intent in left if of_intent]


def _generator(purpose: str, seed: int, utterance: Utterance) -> np.random.Generator:
    name = f"{purpose}\t{seed}\t{utterance.locale}\t{utterance.id}\t{utterance.text}"
    return np.random.default_rng(list(hashlib.sha256(name.encode("utf-8", "replace")).digest()))
