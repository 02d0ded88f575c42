"""Chooses the demonstrations of each prompt from those that a run has frozen."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, zip_longest

import numpy as np

from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.recipe import Demonstrations
from massive_kit.systems.prompted.searching import Search

# What an utterance without content has in the place of a search; their mean is steadier than one.
_BLANK_DRAWS = 8
# So many more are looked for, since some may be the utterance itself or alike among themselves.
_SPARE = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """The demonstrations for an utterance.

    Attributes:
        best_first: The best one first.
        shown: The same, in the order in which they stand in the prompt.
        blanks: The demonstrations for an utterance that says nothing, one list or several. Drawn
            ones are the same as the utterance's; where they are chosen by what it says, those of
            an utterance that says nothing are drawn.
    """

    best_first: Sequence[Demonstration]
    shown: Sequence[Demonstration]
    blanks: Sequence[Sequence[Demonstration]]


@dataclass(frozen=True)
class Chooser:
    """Chooses demonstrations.

    Attributes:
        settings: How many, from where and how.
        source_locale: Where those come from that are in one language for all.
        rows: What may stand in prompts, by locale.
        search: What finds those that are like an utterance; `None` where they are drawn.
    """

    settings: Demonstrations
    source_locale: str
    rows: Mapping[str, Sequence[Demonstration]]
    search: Search | None = None
    _draws: dict[str, Sequence[Sequence[Demonstration]]] = field(default_factory=dict)

    def choose(self, utterances: Sequence[Utterance]) -> list[Choice]:
        """The demonstrations for each utterance.

        The utterance itself, or a row of its id in another language, is never among them.
        """
        ranked = self._ranked(utterances)
        return [
            self._choice(utterance, [next(ranked[locale]) for locale in self._pools(utterance)])
            for utterance in utterances
        ]

    def _choice(self, utterance: Utterance, ranked: Sequence[Iterable[Demonstration]]) -> Choice:
        best_first = self._best(utterance, ranked)
        shown = self._ordered(utterance, best_first)
        if self.search is None or not shown:
            return Choice(best_first, shown, (shown,))
        return Choice(best_first, shown, self._drawn(utterance.locale))

    def _best(
        self, utterance: Utterance, ranked: Sequence[Iterable[Demonstration]]
    ) -> list[Demonstration]:
        allowed = (row for row in _alternating(ranked) if not is_the_same(row, utterance))
        return [*islice(_once(allowed), self.settings.count)]

    def _ordered(
        self, utterance: Utterance, best_first: Sequence[Demonstration]
    ) -> Sequence[Demonstration]:
        if self.settings.order == "best_first":
            return best_first
        if self.settings.order == "best_last":
            return best_first[::-1]
        order = _generator("order", self.settings.seed, utterance).permutation(len(best_first))
        return [best_first[i] for i in order]

    def _drawn(self, locale: str) -> Sequence[Sequence[Demonstration]]:
        """Draws of demonstrations for utterances of a locale, whatever they say."""
        if locale not in self._draws:
            draws = []
            for number in range(_BLANK_DRAWS):
                nobody = Utterance(f"draw {number}", locale, "", ())
                pools = [
                    self._others(self.rows.get(pool, ()), pool, nobody)
                    for pool in self._pools(nobody)
                ]
                draws.append(self._ordered(nobody, self._best(nobody, pools)))
            self._draws[locale] = draws
        return self._draws[locale]

    def _pools(self, utterance: Utterance) -> list[str]:
        """The locales that an utterance's demonstrations come from, in turn."""
        if not self.settings.count:
            return []
        own, source = utterance.locale, self.source_locale
        pools = {"source": [source], "own": [own], "mix": [own, source]}
        return [*dict.fromkeys(pools[self.settings.languages])]

    def _ranked(
        self, utterances: Sequence[Utterance]
    ) -> dict[str, Iterator[Iterable[Demonstration]]]:
        """By locale, the rows for each utterance that takes some of it, best first."""
        asked: dict[str, list[Utterance]] = {}
        for utterance in utterances:
            for locale in self._pools(utterance):
                asked.setdefault(locale, []).append(utterance)
        return {locale: self._ranked_in(locale, those) for locale, those in asked.items()}

    def _ranked_in(
        self, locale: str, utterances: Sequence[Utterance]
    ) -> Iterator[Iterable[Demonstration]]:
        rows = self.rows.get(locale, ())
        found: list[list[int]] = [[] for _ in utterances]
        if self.search is not None and rows:
            most = 2 * self.settings.count + _SPARE
            found = self.search.best(locale, [utterance.text for utterance in utterances], most)
        for utterance, positions in zip(utterances, found, strict=True):
            best = [rows[i] for i in positions]
            yield chain(best, self._others(rows, locale, utterance))

    def _others(
        self, rows: Sequence[Demonstration], locale: str, utterance: Utterance
    ) -> Iterable[Demonstration]:
        if self.settings.choose == "fixed":
            return rows
        return _in_turn(rows, _generator(locale, self.settings.seed, utterance))


def is_the_same(row: Demonstration, utterance: Utterance) -> bool:
    """Whether a demonstration would give an utterance's answer away."""
    return row.id == utterance.id or _letters(row.text) == _letters(utterance.text)


@lru_cache(maxsize=100_000)
def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded)) or folded.strip()


def _once(rows: Iterable[Demonstration]) -> Iterator[Demonstration]:
    """Rows without those that say the same as one before."""
    seen = set()
    for row in rows:
        key = (row.locale, _letters(row.text))
        if key not in seen:
            seen.add(key)
            yield row


def _alternating(ranked: Sequence[Iterable[Demonstration]]) -> Iterator[Demonstration]:
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
