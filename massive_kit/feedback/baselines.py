"""Two simple ways to find rewrites, to compare with; both take the same least episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from massive_kit.feedback.interpretations import Interpretation, normalised
from massive_kit.feedback.signals import SignalRules, Step, episodes, trigrams
from massive_kit.feedback.turns import Turn

# Texts of a locale that are compared, the most frequent ones: of failed and of successful turns.
_MOST_TEXTS = 5_000
_BLOCK = 256

Targets = Mapping[Interpretation, Interpretation]


@dataclass(slots=True)
class BaselineCounts:
    """What the baselines keep of the sessions of a locale.

    Attributes:
        last: By a failed interpretation and the last successful one of its session, sessions.
        failed: By text and interpretation, failed turns.
        succeeded: By text and interpretation, successful turns.
    """

    last: Counter[tuple[Interpretation, Interpretation]] = field(default_factory=Counter)
    failed: Counter[tuple[str, Interpretation]] = field(default_factory=Counter)
    succeeded: Counter[tuple[str, Interpretation]] = field(default_factory=Counter)

    def add(self, session: Sequence[Turn], rules: SignalRules) -> None:
        """Counts a session of one locale."""
        steps: list[Step] = [step for episode in episodes(session, rules) for step in episode]
        for step in steps:
            counter = self.succeeded if step.to == "success" else self.failed
            counter[normalised(step.turn.text), step.turn.hypothesis] += 1
        last = max((i for i, step in enumerate(steps) if step.to == "success"), default=0)
        target = steps[last].turn.hypothesis
        sources = {step.turn.hypothesis for step in steps[:last] if step.to != "success"}
        self.last.update((source, target) for source in sources - {target})

    def last_success(self, least: int) -> Targets:
        """Last successful turn wins: the most frequent end of the sessions in which it failed."""
        return _most_frequent(self.last.items(), least)

    def most_similar(self, least: int, similarity: float) -> Targets:
        """String similarity: what was understood of the most similar text that succeeded.

        Args:
            least: Least failed turns that have such a text.
            similarity: Least share of common trigrams.
        """
        texts = _frequent(self.failed)
        others = _frequent(self.succeeded)
        if not texts or not others:
            return {}
        understood = _understood(self.succeeded)
        nearest = _nearest(texts, others, similarity)
        votes: Counter[tuple[Interpretation, Interpretation]] = Counter()
        for (text, source), turns in self.failed.items():
            if text in nearest:
                votes[source, understood[nearest[text]]] += turns
        return _most_frequent(
            (((source, target), n) for (source, target), n in votes.items() if source != target),
            least,
        )


def _most_frequent(
    counts: Iterable[tuple[tuple[Interpretation, Interpretation], int]], least: int
) -> Targets:
    best: dict[Interpretation, tuple[int, Interpretation]] = {}
    for (source, target), count in counts:
        if count >= least and (source not in best or (-count, target) < best[source]):
            best[source] = (-count, target)
    return {source: target for source, (_, target) in best.items()}


def _frequent(counts: Counter[tuple[str, Interpretation]]) -> list[str]:
    texts: Counter[str] = Counter()
    for (text, _), turns in counts.items():
        texts[text] += turns
    ordered = sorted(texts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [text for text, _ in ordered[:_MOST_TEXTS]]


def _understood(counts: Counter[tuple[str, Interpretation]]) -> dict[str, Interpretation]:
    best: dict[str, tuple[int, Interpretation]] = {}
    for (text, interpretation), turns in counts.items():
        if text not in best or (-turns, interpretation) < best[text]:
            best[text] = (-turns, interpretation)
    return {text: interpretation for text, (_, interpretation) in best.items()}


def _nearest(texts: Sequence[str], others: Sequence[str], least: float) -> dict[str, str]:
    """The most similar of others for each text that has one: trigrams shared, of all (Jaccard)."""
    numbers: dict[str, int] = {}
    left, right = _trigram_matrix(texts, numbers), _trigram_matrix(others, numbers)
    width = max(len(numbers), 1)
    left.resize(len(texts), width)
    right.resize(len(others), width)
    turned = right.T.tocsc()
    sizes = np.diff(right.indptr)
    nearest = {}
    for start in range(0, len(texts), _BLOCK):
        block = left[start : start + _BLOCK]
        shared = (block @ turned).toarray()
        every = np.diff(block.indptr)[:, None] + sizes[None, :] - shared
        likeness = shared / np.maximum(every, 1)
        for row, column in enumerate(likeness.argmax(axis=1).tolist()):
            if likeness[row, column] >= least:
                nearest[texts[start + row]] = others[column]
    return nearest


def _trigram_matrix(texts: Sequence[str], numbers: dict[str, int]) -> Any:
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    ends = [0]
    for text in texts:
        indices += sorted(numbers.setdefault(gram, len(numbers)) for gram in trigrams(text))
        ends.append(len(indices))
    ones = np.ones(len(indices), np.float32)
    return csr_matrix((ones, indices, ends), shape=(len(texts), max(len(numbers), 1)))
