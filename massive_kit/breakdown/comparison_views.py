"""The tables of a comparison, which say in words where two systems differ."""

from __future__ import annotations

import math

from massive_kit.breakdown.comparison import Comparison, Test
from massive_kit.breakdown.score_tables import METRIC_COLUMNS
from massive_kit.breakdown.tables import Cell, Column, Table, columns
from massive_kit.schema.metrics import AVERAGE_INFO, AVERAGES
from massive_kit.schema.scores import Difference
from massive_kit.scoring.significance import LEVEL
from massive_kit.scoring.undefined import difference, estimate

_TITLES = dict(METRIC_COLUMNS)
_WORDS = Column("verdict", "in words", numeric=False)


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Locales, groups and averages, each with its verdict, then the regressions."""
    kinds = dict.fromkeys(test.kind for test in comparison.tests)
    groups = [kind for kind in kinds if kind not in {"locale", "average"}]
    return [
        *_systems(comparison),
        _differences(comparison, "locale", "Locales"),
        *(_differences(comparison, by, f"By {by.replace('_', ' ')}") for by in groups),
        _averages(comparison),
        _regressions(comparison),
    ]


def _systems(comparison: Comparison) -> list[Table]:
    """Tasks and resources, where these are not alike."""
    first, second = comparison.systems
    if first.is_like(second):
        return []
    rows = tuple(
        (
            system.name,
            system.task,
            system.setting,
            "not known" if system.resources is None else ", ".join(system.resources) or "none",
        )
        for system in comparison.systems
    )
    note = "The same rows are scored, but not the same was allowed or used: not like with like."
    return [
        Table(
            "systems", "Systems", columns("system", "task", "setting", "resources"), rows, (note,)
        )
    ]


def all_tests(comparison: Comparison) -> Table:
    """Every test with both p-values, for machines."""
    numbers = [
        ("first", comparison.first),
        ("second", comparison.second),
        ("difference", "difference"),
        ("p_bootstrap", "p (bootstrap)"),
        ("p", "p (randomisation)"),
        ("p_holm", "p (Holm)"),
    ]
    rows = tuple(
        (
            test.kind,
            test.key,
            test.metric,
            test.first,
            test.second,
            _difference(test),
            test.p_bootstrap,
            test.p,
            test.p_holm,
        )
        for test in comparison.tests
    )
    names = columns("kind", "key", "metric", numbers=numbers)
    return Table("tests", f"{comparison.second} minus {comparison.first}: all tests", names, rows)


def _difference(test: Test) -> Difference | None:
    low, high = (math.nan if end is None else end for end in (test.low, test.high))
    return difference(test.difference, low, high)


def _differences(comparison: Comparison, kind: str, title: str) -> Table:
    by_metric = {
        metric: {test.key: test for test in comparison.of(kind, metric)} for metric in _TITLES
    }
    flips = {flip.key: flip for flip in comparison.flips if flip.kind == kind}
    rows: list[tuple[Cell, ...]] = []
    for key, flip in flips.items():
        tests = [by_metric[metric].get(key) for metric in _TITLES]
        rows.append(
            (
                key,
                *(None if test is None else _difference(test) for test in tests),
                *(None if share is None else estimate(share) for share in (flip.lost, flip.won)),
                in_words([test for test in tests if test is not None]),
            )
        )
    numbers = [*METRIC_COLUMNS, ("lost", "lost"), ("won", "won")]
    over = " of all systems compared" if comparison.others > 1 else ""
    words = (
        f"Words: {comparison.second} against {comparison.first} at the {100 * LEVEL:.0f} % level,"
        f" approximate randomisation, Holm over all rows{over}; {comparison.resamples:,} resamples,"
        f" seed {comparison.seed}."
    )
    if comparison.tails:
        words += (
            " So many tests are corrected that counting resamples would show no difference: where"
            " no resample is as large, p is a bound from their standard error"
            " (3.18 times the normal tail)."
        )
    flipped = (
        "lost: exact matches that are wrong now, won: errors that match now, in % of utterances."
    )
    return Table(
        kind,
        f"{title}: {comparison.second} minus {comparison.first}, in points",
        (*columns(kind, numbers=numbers), _WORDS),
        tuple(rows),
        (words, flipped, *_untested(comparison)) if kind == "locale" else (),
    )


def _untested(comparison: Comparison) -> list[str]:
    """What is not compared in some locales, since one of the systems has no such score there."""
    locales = [flip.key for flip in comparison.flips if flip.kind == "locale"]
    notes = []
    for metric, title in _TITLES.items():
        tested = {test.key for test in comparison.of("locale", metric)}
        absent = [locale for locale in locales if locale not in tested]
        if absent and tested:
            notes.append(
                f"Not both have a {title} in {', '.join(absent)}; means run over the other locales."
            )
    return notes


def in_words(tests: list[Test]) -> str:
    """`better in slot F1, worse in intent acc`, or that no difference is shown."""
    verdicts = []
    for verdict in ("better", "worse"):
        metrics = [_TITLES[test.metric] for test in tests if test.verdict == verdict]
        if metrics:
            verdicts.append(f"{verdict} in {' and '.join(metrics)}")
    return ", ".join(verdicts) or "no difference shown"


def _averages(comparison: Comparison) -> Table:
    rows = tuple(
        (
            AVERAGE_INFO[key].title,
            _TITLES[test.metric],
            estimate(test.first),
            estimate(test.second),
            _difference(test),
            test.p_bootstrap,
            test.p,
            test.verdict,
        )
        for key in AVERAGES
        for test in comparison.of("average")
        if test.key == key
    )
    numbers = [
        ("first", comparison.first),
        ("second", comparison.second),
        ("difference", "difference"),
        ("p_bootstrap", "p (bootstrap)"),
        ("p", "p (randomisation)"),
    ]
    names = (*columns("average", "metric", numbers=numbers), _WORDS)
    return Table("averages", "Averages", names, rows)


def _regressions(comparison: Comparison) -> Table:
    rows = tuple(
        (_TITLES[metric], test.key, _difference(test), test.p_holm)
        for metric in _TITLES
        for test in comparison.regressions(metric)
    )
    note = "Significantly worse (Holm), although the mean over locales did not fall."
    return Table(
        "regressions",
        f"Regressions of {comparison.second}: {len(rows)}",
        columns("metric", "locale", numbers=[("difference", "difference"), ("p_holm", "p (Holm)")]),
        rows,
        (note,),
    )
