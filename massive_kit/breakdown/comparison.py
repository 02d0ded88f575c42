"""Two systems on the same task: differences with paired tests, regressions counted apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import ContentError, Problem
from massive_kit.schema.metrics import AVERAGES, METRIC_INFO
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.significance import (
    RESAMPLES,
    PairedTest,
    Sums,
    holm,
    paired_tests,
)
from massive_kit.scoring.stats_file import ScoredOn, StatsFile, load_stats_file

LEVEL = 0.05
Kind = str  # "locale", "average", or the column grouped by


@dataclass(frozen=True, slots=True)
class Test:
    """One metric of one locale, group or average.

    Attributes:
        kind: `locale`, `average`, or the column grouped by.
        key: The locale, average or group.
        metric: The metric.
        first: Score of the first system.
        second: Score of the second system.
        low: Lower end of the 95 % interval of second minus first.
        high: Upper end.
        p_bootstrap: Two-sided p-value of the paired bootstrap.
        p: Two-sided p-value of the approximate randomisation test.
        p_holm: `p` after Holm over all tests of its kind and metric; averages stay as they are.
    """

    kind: Kind
    key: str
    metric: str
    first: float
    second: float
    low: float
    high: float
    p_bootstrap: float
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
    """Answers that changed between right and wrong, as shares of all utterances.

    Attributes:
        kind: `locale`, `average`, or the column grouped by.
        key: The locale, average or group.
        lost: Exact matches of the first system that the second gets wrong (negative flips).
        won: Exact matches of the second system that the first gets wrong.
        intents_lost: As `lost`, for the intent alone.
        intents_won: As `won`, for the intent alone.
    """

    kind: Kind
    key: str
    lost: float
    won: float
    intents_lost: float
    intents_won: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems.

    Attributes:
        first: Name of the first system.
        second: Name of the second system.
        tests: All tests: locales, groups, averages.
        flips: The same keys.
        resamples: Of each test.
        seed: Of each test.
    """

    first: str
    second: str
    tests: tuple[Test, ...]
    flips: tuple[Flips, ...]
    resamples: int
    seed: int

    def of(self, kind: Kind, metric: str | None = None) -> list[Test]:
        """The tests of a kind, of one metric or all."""
        return [t for t in self.tests if t.kind == kind and metric in {None, t.metric}]

    def regressions(self, metric: str) -> list[Test]:
        """Locales that got significantly worse although the mean over locales did not fall."""
        (mean,) = (t for t in self.of("average", metric) if t.key == "macro_locales")
        if mean.gain < 0:
            return []
        return [test for test in self.of("locale", metric) if test.verdict == "worse"]


def compare(
    paths: Sequence[Path], *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Comparison]:
    """Compares the first system with each of the others, from their `stats.npz` alone.

    Args:
        paths: Folders of evaluations, or their `stats.npz` or `scores.json`; two or more.
        resamples: Of each test.
        seed: Of each test.

    Raises:
        ContentError: They are not of the same task, data, split and utterances.
        MissingDataError: A `stats.npz` is not there.
    """
    archives = [load_stats_file(path) for path in paths]
    _refuse_unlike(paths, archives)
    names = _names(paths)
    found = []
    keys = _Keys.of(archives[0].scored_on, archives[0].statistics.locales)
    first = archives[0].statistics
    tested = [
        paired_tests(first, archive.statistics, MAIN, keys.scores, resamples=resamples, seed=seed)
        for archive in archives[1:]
    ]
    adjusted = keys.adjusted(tested)
    for i, (name, archive) in enumerate(zip(names[1:], archives[1:], strict=True)):
        tests = tuple(
            _test(kind, key, metric.name, k, tested[i], adjusted[i])
            for metric in MAIN
            for k, (kind, key) in enumerate(keys.names)
        )
        flips = _flips(archives[0], archive, keys)
        found.append(Comparison(names[0], name, tests, flips, resamples, seed))
    return found


def _test(
    kind: Kind,
    key: str,
    metric: str,
    k: int,
    tested: dict[str, PairedTest],
    adjusted: dict[str, NDArray[np.float64]],
) -> Test:
    own = tested[metric]
    return Test(
        kind=kind,
        key=key,
        metric=metric,
        first=float(own.first[k]),
        second=float(own.second[k]),
        low=float(own.low[k]),
        high=float(own.high[k]),
        p_bootstrap=float(own.p_bootstrap[k]),
        p=float(own.p[k]),
        p_holm=float(adjusted[metric][k]),
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    """What is tested: locales, then means of locales, then the pooled average."""

    names: tuple[tuple[Kind, str], ...]
    matrix: NDArray[np.float64]
    averaged: NDArray[np.int64]

    @classmethod
    def of(cls, scored_on: ScoredOn, locales: tuple[str, ...]) -> _Keys:
        position = {locale: i for i, locale in enumerate(locales)}

        def mean(members: Sequence[str]) -> NDArray[np.float64]:
            row = np.zeros(len(locales))
            row[[position[locale] for locale in members]] = 1 / max(len(members), 1)
            return row

        groups = [
            (by, name, mean(members))
            for by, own in scored_on.groups.items()
            for name, members in sorted(own.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        genera = [mean(members) for members in scored_on.genera] or [np.zeros(len(locales))]
        _, macro_locales, macro_genera = AVERAGES
        names = [("locale", locale) for locale in locales]
        names += [(by, name) for by, name, _ in groups]
        names += [("average", macro_locales), ("average", macro_genera), ("average", AVERAGES[0])]
        rows = [*(row for _, _, row in groups), mean(scored_on.averaged), np.mean(genera, axis=0)]
        averaged = np.array([position[locale] for locale in scored_on.averaged], np.int64)
        return cls(tuple(names), np.array(rows), averaged)

    def spread(
        self, local: NDArray[np.float64], pooled: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Values of all keys, from those of the locales (last axis) and the pooled one."""
        return np.concatenate([local, local @ self.matrix.T, pooled[..., None]], axis=-1)

    def scores(self, sums: Sums) -> dict[str, NDArray[np.float64]]:
        together = {name: own[..., self.averaged].sum(axis=-1) for name, own in sums.items()}
        return {metric.name: self.spread(metric(sums), metric(together)) for metric in MAIN}

    def adjusted(self, tested: list[dict[str, PairedTest]]) -> list[dict[str, NDArray[np.float64]]]:
        """Holm over all tests of a kind in a metric, also over the systems compared."""
        kinds = np.array([kind for kind, _ in self.names])
        result: list[dict[str, NDArray[np.float64]]] = [{} for _ in tested]
        for metric in MAIN:
            raw = np.array([own[metric.name].p for own in tested])
            corrected = raw.copy()
            for kind in dict.fromkeys(kinds.tolist()):
                if kind != "average":
                    corrected[:, kinds == kind] = holm(raw[:, kinds == kind])
            for own, row in zip(result, corrected, strict=True):
                own[metric.name] = row
        return result


def _flips(first: StatsFile, second: StatsFile, keys: _Keys) -> tuple[Flips, ...]:
    a, b = first.statistics, second.statistics
    count = np.maximum(a.sums("n"), 1)

    def shares(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
        moved = np.bincount(a.locale, before & ~after, minlength=len(a.locales))
        pooled = moved[keys.averaged].sum() / max(count[keys.averaged].sum(), 1)
        return keys.spread(moved / count, np.array(pooled))

    columns = (
        shares(a.exact, b.exact),
        shares(b.exact, a.exact),
        shares(a.intent_right, b.intent_right),
        shares(b.intent_right, a.intent_right),
    )
    return tuple(
        Flips(kind, key, *(float(column[k]) for column in columns))
        for k, (kind, key) in enumerate(keys.names)
    )


def _names(paths: Sequence[Path]) -> list[str]:
    names = [(path if path.is_dir() else path.parent).resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _refuse_unlike(paths: Sequence[Path], archives: Sequence[StatsFile]) -> None:
    problems = []
    one = archives[0]
    for path, other in zip(paths[1:], archives[1:], strict=True):
        facts = {
            "task": (other.scored_on.task, one.scored_on.task),
            "split": (other.scored_on.data.partition, one.scored_on.data.partition),
            "data hash": (other.scored_on.data.hash, one.scored_on.data.hash),
            "compat": (other.scored_on.compat or "no", one.scored_on.compat or "no"),
            "locales": (len(other.statistics.locales), len(one.statistics.locales)),
        }
        wrong = [
            Problem(str(path), f"{name} {found}", f"{wanted}, as {paths[0]}")
            for name, (found, wanted) in facts.items()
            if found != wanted
        ]
        if not wrong and not _same_rows(one, other):
            wrong = [Problem(str(path), "other utterances", f"those of {paths[0]}")]
        problems += wrong
    if problems:
        raise ContentError("these scores cannot be compared", problems)


def _same_rows(one: StatsFile, other: StatsFile) -> bool:
    a, b = one.statistics, other.statistics
    return (
        a.locales == b.locales
        and len(a) == len(b)
        and bool((a.locale == b.locale).all())
        and bool((a.ids == b.ids).all())
        and bool((a.gold == b.gold).all())
    )
