"""Two systems on the same task: differences with paired tests, regressions counted apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.compared_systems import ComparedSystem, refuse_unlike
from massive_kit.languages import Group
from massive_kit.notebook import ShownAsTable
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.scoring.averages import Scopes
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.significance import (
    LEVEL,
    TEST_RESAMPLES,
    PairedTest,
    Scorer,
    Sums,
    holm,
    paired_tests,
)
from massive_kit.scoring.statistics import SufficientStatistics
from massive_kit.scoring.stats_file import StatsFile, load_stats_file
from massive_kit.scoring.undefined import number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Test:
    """One metric of one locale, group or average.

    Attributes:
        kind: `locale`, `average`, or the column grouped by.
        key: The locale, average or group.
        metric: The metric.
        first: Score of the first system.
        second: Score of the second system.
        low: Lower end of the 95 % interval of second minus first; `None` where too few resamples
            have both scores.
        high: Upper end.
        p_bootstrap: Two-sided p-value of the paired bootstrap; `None` as `low`.
        p: Two-sided p-value of the approximate randomisation test; where so many tests are
            corrected that no counted one would survive, that of the tail (`PairedTest.p_tail`).
        p_holm: `p` after Holm over all tests of its kind and metric; averages stay as they are.
    """

    kind: str
    key: str
    metric: str
    first: float
    second: float
    low: float | None
    high: float | None
    p_bootstrap: float | None
    p: float
    p_holm: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def gain(self) -> float:
        """The difference, positive where the second system is the better one."""
        return METRIC_INFO[self.metric].gain(self.difference)

    @property
    def verdict(self) -> Literal["better", "worse", "no difference shown"]:
        """What the test says of the second system."""
        if self.p_holm >= LEVEL:
            return "no difference shown"
        return "better" if self.gain > 0 else "worse"


@dataclass(frozen=True, slots=True)
class Flips:
    """Answers that changed between right and wrong, as shares of all utterances that have a label.

    A share of nothing is `None`.

    Attributes:
        kind: `locale`, `average`, or the column grouped by.
        key: The locale, average or group.
        lost: Exact matches of the first system that the second gets wrong (negative flips).
        won: Exact matches of the second system that the first gets wrong.
        intents_lost: As `lost`, for the intent alone.
        intents_won: As `won`, for the intent alone.
    """

    kind: str
    key: str
    lost: float | None
    won: float | None
    intents_lost: float | None
    intents_won: float | None


@dataclass(frozen=True, slots=True)
class Comparison(ShownAsTable):
    """Two systems.

    Attributes:
        first: Name of the first system.
        second: Name of the second system.
        tests: All tests: locales, groups, averages. There is none where one of the systems has no
            such score; means run over the locales where both have it.
        flips: The same keys.
        resamples: Of each test.
        seed: Of each test.
        systems: What either was allowed and used.
        others: How many systems the first was compared with at once, which Holm runs over too.
        tails: Whether some p-values are those of the tail, as counted ones would not survive Holm.
    """

    first: str
    second: str
    tests: tuple[Test, ...]
    flips: tuple[Flips, ...]
    resamples: int
    seed: int
    systems: tuple[ComparedSystem, ComparedSystem]
    others: int = 1
    tails: bool = False

    def to_frame(self) -> pd.DataFrame:
        """All tests as a pandas data frame, one row per test."""
        import pandas as pd

        return pd.DataFrame(
            [
                asdict(test) | {"difference": test.difference, "verdict": test.verdict}
                for test in self.tests
            ]
        )

    def of(self, kind: str, metric: str | None = None) -> list[Test]:
        """The tests of a kind, of one metric or all."""
        return [test for test in self.tests if test.kind == kind and metric in {None, test.metric}]

    def regressions(self, metric: str) -> list[Test]:
        """Locales that got significantly worse although the mean over locales did not fall."""
        means = [test for test in self.of("average", metric) if test.key == "macro_locales"]
        if any(mean.gain < 0 for mean in means):
            return []
        return [test for test in self.of("locale", metric) if test.verdict == "worse"]


def compare(
    paths: Sequence[Path], *, resamples: int = TEST_RESAMPLES, seed: int = 0
) -> list[Comparison]:
    """Compares the first system with each of the others, from their `stats.npz` alone.

    Args:
        paths: Folders of evaluations, or their `stats.npz` or `scores.json`; two or more.
        resamples: Of each test.
        seed: Of each test.

    Raises:
        ContentError: They are not of the same data, split, locales and utterances, or of tasks
            that average over other locales.
        MissingDataError: There is no `stats.npz`.
    """
    systems = [load_stats_file(path) for path in paths]
    refuse_unlike(paths, systems)
    names = _names(paths)
    first, *others = systems
    scopes = _scopes(first)
    paired = [
        paired_tests(
            first.statistics,
            other.statistics,
            MAIN,
            _scorer(scopes, first.statistics, other.statistics),
            resamples=resamples,
            seed=seed,
        )
        for other in others
    ]
    return [
        Comparison(
            first=names[0],
            second=name,
            tests=_tests(scopes, tests, corrected),
            flips=_flips(scopes, first.statistics, other.statistics),
            resamples=resamples,
            seed=seed,
            systems=(ComparedSystem.of(names[0], first), ComparedSystem.of(name, other)),
            others=len(others),
            tails=any(
                bool((corrected.p[metric] < tests[metric].p).any()) for metric in corrected.p
            ),
        )
        for name, other, tests, corrected in zip(
            names[1:], others, paired, _corrected(scopes, paired, resamples), strict=True
        )
    ]


def _scopes(system: StatsFile) -> Scopes:
    scored_on = system.scored_on
    groups = [
        Group(by, name, tuple(members))
        for by, named in scored_on.groups.items()
        for name, members in sorted(named.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return Scopes.of(system.statistics.locales, groups, scored_on.averaged, scored_on.genera)


def _scorer(scopes: Scopes, first: SufficientStatistics, second: SufficientStatistics) -> Scorer:
    """Scores of either system, with means over the locales where both have the score."""
    shared = {}
    for metric in MAIN:
        undefined = [
            np.isnan(metric({name: system.sums(name) for name in metric.columns}))
            for system in (first, second)
        ]
        scored = ~(undefined[0] | undefined[1])
        shared[metric.name] = scopes if scored.all() else scopes.among(scored)

    def score(sums: Sums) -> dict[str, NDArray[np.float64]]:
        pooled = {name: values[..., scopes.averaged].sum(axis=-1) for name, values in sums.items()}
        return {
            metric.name: shared[metric.name].spread(metric(sums), metric(pooled)) for metric in MAIN
        }

    return score


@dataclass(frozen=True, slots=True)
class _Corrected:
    """The p-values of one system by metric, before and after Holm; arrays of shape (keys,)."""

    p: dict[str, NDArray[np.float64]]
    p_holm: dict[str, NDArray[np.float64]]


def _corrected(
    scopes: Scopes, paired: Sequence[Mapping[str, PairedTest]], resamples: int
) -> list[_Corrected]:
    """Holm over all tests of a kind in a metric, also over the systems compared."""
    kinds = np.array([scope.kind for scope in scopes.names])
    corrected = [_Corrected({}, {}) for _ in paired]
    for metric in MAIN:
        p = np.array([tests[metric.name].p for tests in paired])
        p_tail = np.array([tests[metric.name].p_tail for tests in paired])
        p_holm = p.copy()
        for kind in dict.fromkeys(kinds.tolist()):
            if kind != "average":
                family = kinds == kind
                tests_of_kind = int((~np.isnan(p[:, family])).sum())
                if tests_of_kind / (resamples + 1) >= LEVEL:
                    p[:, family] = p_tail[:, family]
                p_holm[:, family] = holm(p[:, family])
        for by_metric, before, after in zip(corrected, p, p_holm, strict=True):
            by_metric.p[metric.name], by_metric.p_holm[metric.name] = before, after
    return corrected


def _tests(
    scopes: Scopes,
    paired: Mapping[str, PairedTest],
    corrected: _Corrected,
) -> tuple[Test, ...]:
    return tuple(
        Test(
            kind=scope.kind,
            key=scope.key,
            metric=metric,
            first=float(test.first[i]),
            second=float(test.second[i]),
            low=number(test.low[i]),
            high=number(test.high[i]),
            p_bootstrap=number(test.p_bootstrap[i]),
            p=float(corrected.p[metric][i]),
            p_holm=float(corrected.p_holm[metric][i]),
        )
        for metric, test in paired.items()
        for i, scope in enumerate(scopes.names)
        if not np.isnan(test.p[i])
    )


def _flips(
    scopes: Scopes, first: SufficientStatistics, second: SufficientStatistics
) -> tuple[Flips, ...]:
    averaged = scopes.averaged

    def shares(before: NDArray[np.bool_], after: NDArray[np.bool_], of: str) -> NDArray[np.float64]:
        count = first.sums(of)
        scored = count > 0
        moved = np.bincount(first.locale, before & ~after, minlength=len(first.locales))
        by_locale = np.where(scored, moved / np.maximum(count, 1), np.nan)
        total = count[averaged].sum()
        pooled = moved[averaged].sum() / total if total else np.nan
        return scopes.among(scored).spread(by_locale, np.array(pooled))

    columns = (
        shares(first.exact, second.exact, "n"),
        shares(second.exact, first.exact, "n"),
        shares(first.intent_right, second.intent_right, "with_intent"),
        shares(second.intent_right, first.intent_right, "with_intent"),
    )
    return tuple(
        Flips(scope.kind, scope.key, *(number(column[i]) for column in columns))
        for i, scope in enumerate(scopes.names)
    )


def _names(paths: Sequence[Path]) -> list[str]:
    names = [(path if path.is_dir() else path.parent).resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]
