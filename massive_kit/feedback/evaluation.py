"""How good rewrites are, held to the truth of a SIMULATED log, beside two baselines.

A *planted failure* is an interpretation that most of those mean something else by who get it, where
the system does understand that from other utterances that were said. A rewrite is right where it
gives what most of them mean. Precision is over all rewrites, recall over all planted failures,
rare ones too. A *defect* is an utterance that is understood as something else than it means; its
share is over utterances, and intervals resample ids that all locales share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.feedback.baselines import BaselineCounts, Targets
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.rewrites import Rewrite
from massive_kit.feedback.rewriting import Rewriter
from massive_kit.feedback.signals import SignalRules
from massive_kit.feedback.simulated_folder import SESSIONS, Utterance
from massive_kit.feedback.turns import TurnReader
from massive_kit.languages import LanguageTable, character_locales
from massive_kit.schema.scores import Difference, Estimate
from massive_kit.scoring.bootstrap import percentile, weights

BASELINES = ("last success", "similar text")
METHODS = ("rewrites", *BASELINES)
ALL = "all"


@dataclass(frozen=True, slots=True)
class RewriteScores:
    """How good the rewrites of a locale are.

    Attributes:
        rewrites: How many there are.
        right: Those that give what most of the users mean.
        failures: Planted failures.
        repaired: Those of them with a right rewrite.
    """

    rewrites: int
    right: int
    failures: int
    repaired: int

    def __add__(self, other: RewriteScores) -> RewriteScores:
        """Both together."""
        return RewriteScores(
            self.rewrites + other.rewrites,
            self.right + other.right,
            self.failures + other.failures,
            self.repaired + other.repaired,
        )

    @property
    def precision(self) -> float | None:
        """Share of the rewrites that are right."""
        return self.right / self.rewrites if self.rewrites else None

    @property
    def recall(self) -> float | None:
        """Share of the planted failures with a right rewrite."""
        return self.repaired / self.failures if self.failures else None


@dataclass(frozen=True, slots=True)
class Defects:
    """Shares of utterances that are misunderstood.

    Attributes:
        utterances: How many there are.
        before: Without rewrites.
        after: By method.
        change: By method, after less before.
    """

    utterances: int
    before: Estimate
    after: dict[str, Estimate]
    change: dict[str, Difference]


@dataclass(frozen=True, slots=True)
class GuardScores:
    """What the guard did with a table into which bad rewrites were planted.

    Attributes:
        planted: Bad rewrites.
        met: Those of them that were acted on at least once.
        withdrawn: Those that were withdrawn.
        others: All other rewrites of the table.
        others_withdrawn: Those of them that were withdrawn.
        right_withdrawn: Those of them that were right.
    """

    planted: int
    met: int
    withdrawn: int
    others: int
    others_withdrawn: int
    right_withdrawn: int


@dataclass(frozen=True, slots=True)
class FeedbackEvaluation:
    """How good rewrites are.

    Attributes:
        scores: By locale (and `all`) and method.
        said: By locale, defects of the utterances that users could say.
        held_out: By locale, defects of the utterances that nobody said.
        guard: By locale, where bad rewrites were planted.
    """

    scores: dict[str, dict[str, RewriteScores]]
    said: dict[str, Defects]
    held_out: dict[str, Defects]
    guard: dict[str, GuardScores]


def evaluate(
    folder: Path,
    truth: Sequence[Utterance],
    rewrites: Sequence[Rewrite],
    languages: LanguageTable,
    *,
    planted: Sequence[Rewrite] = (),
    episodes: int = 3,
    resamples: int = 1_000,
    seed: int = 0,
) -> FeedbackEvaluation:
    """Evaluates a table on a simulated log.

    Args:
        folder: The folder of the log.
        truth: Its utterances.
        rewrites: The table.
        languages: What locales there are.
        planted: Bad rewrites that were in use while the log was recorded.
        episodes: Least episodes of the baselines.
        resamples: Of the bootstrap; 0 for no intervals.
        seed: Of the bootstrap.

    Raises:
        DataError: The log is wrong.
    """
    by_locale: dict[str, list[Utterance]] = defaultdict(list)
    for utterance in truth:
        by_locale[utterance.locale].append(utterance)
    counts = _baseline_counts(folder / SESSIONS, languages)
    rules = SignalRules()
    scores: dict[str, dict[str, RewriteScores]] = {}
    targets: dict[str, dict[str, Targets]] = {}
    guard = {}
    for locale, utterances in by_locale.items():
        here = [rewrite for rewrite in rewrites if rewrite.locale == locale]
        of_locale = counts.get(locale, BaselineCounts())
        targets[locale] = {
            "rewrites": {r.source: r.target for r in here if r.state == "live"},
            "last success": of_locale.last_success(episodes),
            "similar text": of_locale.most_similar(episodes, rules.similarity),
        }
        meant = _Meanings.of(utterances)
        scores[locale] = {name: meant.score(of) for name, of in targets[locale].items()}
        if planted:
            bad = {rewrite.source for rewrite in planted if rewrite.locale == locale}
            guard[locale] = _guard_scores(here, bad, meant)
    scores[ALL] = {
        name: sum(
            (of_locale[name] for of_locale in scores.values()), start=RewriteScores(0, 0, 0, 0)
        )
        for name in METHODS
    }
    said, held_out = (
        _defects(
            {
                locale: [utterance for utterance in utterances if utterance.held_out is held]
                for locale, utterances in by_locale.items()
            },
            targets,
            resamples,
            seed,
        )
        for held in (False, True)
    )
    return FeedbackEvaluation(scores, said, held_out, guard)


@dataclass(frozen=True, slots=True)
class _Meanings:
    """What users of a locale mean.

    Attributes:
        most: By what the system understands, what most mean.
        failures: The planted failures.
    """

    most: dict[Interpretation, Interpretation]
    failures: frozenset[Interpretation]

    @classmethod
    def of(cls, utterances: Sequence[Utterance]) -> _Meanings:
        goals: dict[Interpretation, Counter[Interpretation]] = defaultdict(Counter)
        understood = set()
        for utterance in utterances:
            if utterance.turns:
                phrasing = utterance.phrasing
                goals[phrasing.hypothesis][phrasing.goal] += utterance.turns
                if phrasing.goal == phrasing.hypothesis:
                    understood.add(phrasing.goal)
        most = {source: counter.most_common(1)[0][0] for source, counter in goals.items()}
        failures = (
            source for source, goal in most.items() if goal != source and goal in understood
        )
        return cls(most, frozenset(failures))

    def score(self, targets: Targets) -> RewriteScores:
        right = {source for source, target in targets.items() if self.most.get(source) == target}
        return RewriteScores(
            len(targets), len(right), len(self.failures), len(right & self.failures)
        )


def _baseline_counts(path: Path, languages: LanguageTable) -> dict[str, BaselineCounts]:
    reader = TurnReader(languages)
    rules = SignalRules()
    counts: dict[str, BaselineCounts] = defaultdict(BaselineCounts)
    for session in reader.read([path]):
        counts[session[0].locale].add(session, rules)
    reader.mistakes.raise_if_any("the simulated sessions cannot be used")
    return counts


def _guard_scores(
    rewrites: Sequence[Rewrite], bad: set[Interpretation], meant: _Meanings
) -> GuardScores:
    planted = [rewrite for rewrite in rewrites if rewrite.source in bad]
    others = [rewrite for rewrite in rewrites if rewrite.source not in bad]
    ended = [rewrite for rewrite in others if rewrite.state == "withdrawn"]
    return GuardScores(
        len(planted),
        sum(rewrite.live_successes + rewrite.live_failures > 0 for rewrite in planted),
        sum(rewrite.state == "withdrawn" for rewrite in planted),
        len(others),
        len(ended),
        sum(meant.most.get(rewrite.source) == rewrite.target for rewrite in ended),
    )


def _defects(
    by_locale: Mapping[str, Sequence[Utterance]],
    targets: Mapping[str, Mapping[str, Targets]],
    resamples: int,
    seed: int,
) -> dict[str, Defects]:
    names = sorted(
        {utterance.phrasing.id for utterances in by_locale.values() for utterance in utterances}
    )
    places = {name: place for place, name in enumerate(names)}
    present = np.zeros((len(names), len(by_locale)))
    wrong = np.zeros((1 + len(METHODS), len(names), len(by_locale)))
    for column, (locale, utterances) in enumerate(by_locale.items()):
        rows = [places[utterance.phrasing.id] for utterance in utterances]
        present[rows, column] = 1
        wrong[0, rows, column] = [
            utterance.phrasing.hypothesis != utterance.phrasing.goal for utterance in utterances
        ]
        for method, name in enumerate(METHODS, 1):
            wrong[method, rows, column] = _still_wrong(locale, utterances, targets[locale][name])
    rates = _rates(present, wrong, np.ones((1, len(names))))[:, 0]
    drawn = [
        _rates(present, wrong, block.astype(np.float64))
        for block in (weights(len(names), resamples, seed) if resamples and names else ())
    ]
    draws = np.concatenate(drawn, axis=1) if drawn else None
    columns = [*by_locale, ALL]
    counts = [*present.sum(axis=0).astype(int).tolist(), int(present.sum())]
    return {
        locale: Defects(
            counts[column],
            _estimate(rates[0, column], None if draws is None else draws[0, :, column]),
            {
                name: _estimate(
                    rates[method, column], None if draws is None else draws[method, :, column]
                )
                for method, name in enumerate(METHODS, 1)
            },
            {
                name: _difference(
                    rates[method, column] - rates[0, column],
                    None if draws is None else draws[method, :, column] - draws[0, :, column],
                )
                for method, name in enumerate(METHODS, 1)
            },
        )
        for column, locale in enumerate(columns)
        if counts[column]
    }


def _still_wrong(locale: str, utterances: Sequence[Utterance], targets: Targets) -> list[bool]:
    rewriter = Rewriter({(locale, source): target for source, target in targets.items()})
    characters = locale in character_locales()
    results = []
    for utterance in utterances:
        phrasing = utterance.phrasing
        done = rewriter.rewritten(
            locale, phrasing.hypothesis, phrasing.tokens, characters=characters
        )
        results.append((done.target if done else phrasing.hypothesis) != phrasing.goal)
    return results


def _rates(
    present: NDArray[np.float64], wrong: NDArray[np.float64], drawn: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shape (methods, draws, locales and all together)."""
    totals = drawn @ present
    sums = drawn @ wrong
    with np.errstate(invalid="ignore"):
        rates = sums / totals
        pooled = sums.sum(axis=-1) / totals.sum(axis=-1)
    return np.concatenate([rates, pooled[..., None]], axis=-1)


def _estimate(value: float, draws: NDArray[np.float64] | None) -> Estimate:
    low, high = _interval(draws)
    return Estimate(value=float(value), low=low, high=high)


def _difference(value: float, draws: NDArray[np.float64] | None) -> Difference:
    low, high = _interval(draws)
    return Difference(value=float(value), low=low, high=high)


def _interval(draws: NDArray[np.float64] | None) -> tuple[float | None, float | None]:
    if draws is None:
        return None, None
    bounds = percentile(draws)
    low, high = float(bounds.low), float(bounds.high)
    return (None, None) if np.isnan(low) else (low, high)
