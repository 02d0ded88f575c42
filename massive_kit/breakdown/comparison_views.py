"""The tables of a comparison, which say in words where two systems differ."""

from __future__ import annotations

from massive_kit.breakdown.comparison import LEVEL, Comparison, Test
from massive_kit.breakdown.score_tables import METRIC_COLUMNS
from massive_kit.breakdown.tables import Cell, Column, Table, columns
from massive_kit.schema.metrics import AVERAGE_INFO, AVERAGES
from massive_kit.schema.scores import Difference, Estimate

_TITLES = dict(METRIC_COLUMNS)
_WORDS = Column("verdict", "in words", numeric=False)


def comparison_tables(found: Comparison) -> list[Table]:
    """Locales, groups and averages, each with its verdict, then the regressions."""
    kinds = dict.fromkeys(test.kind for test in found.tests)
    groups = [kind for kind in kinds if kind not in {"locale", "average"}]
    return [
        _differences(found, "locale", "Locales"),
        *(_differences(found, by, f"By {by.replace('_', ' ')}") for by in groups),
        _averages(found),
        _regressions(found),
    ]


def all_tests(found: Comparison) -> Table:
    """Every test with both p-values, for machines."""
    numbers = [
        ("first", found.first),
        ("second", found.second),
        ("difference", "difference"),
        ("p_bootstrap", "p (bootstrap)"),
        ("p", "p (randomisation)"),
        ("p_holm", "p (Holm)"),
    ]
    rows = tuple(
        (t.kind, t.key, t.metric, t.first, t.second, _difference(t), t.p_bootstrap, t.p, t.p_holm)
        for t in found.tests
    )
    names = columns("kind", "key", "metric", numbers=numbers)
    return Table("tests", f"{found.second} minus {found.first}: all tests", names, rows)


def _difference(test: Test) -> Difference:
    # Rounding may put a difference of equal ends a hair outside of its range.
    low, high = max(test.low, -1.0), min(test.high, 1.0)
    return Difference(value=test.difference, low=low, high=high)


def _differences(found: Comparison, kind: str, title: str) -> Table:
    by_metric = {metric: {t.key: t for t in found.of(kind, metric)} for metric in _TITLES}
    flips = {one.key: one for one in found.flips if one.kind == kind}
    rows: list[tuple[Cell, ...]] = []
    for key, one in flips.items():
        tests = [by_metric[metric][key] for metric in _TITLES]
        rows.append(
            (
                key,
                *(_difference(test) for test in tests),
                Estimate(value=one.lost),
                Estimate(value=one.won),
                in_words(tests),
            )
        )
    numbers = [*METRIC_COLUMNS, ("lost", "lost"), ("won", "won")]
    words = (
        f"Words: {found.second} against {found.first} at the {100 * LEVEL:.0f} % level,"
        f" approximate randomisation, Holm over all rows; {found.resamples:,} resamples,"
        f" seed {found.seed}."
    )
    flipped = (
        "lost: exact matches that are wrong now, won: errors that match now, in % of utterances."
    )
    return Table(
        kind,
        f"{title}: {found.second} minus {found.first}, in points",
        (*columns(kind, numbers=numbers), _WORDS),
        tuple(rows),
        (words, flipped) if kind == "locale" else (),
    )


def in_words(tests: list[Test]) -> str:
    """`better in slot F1, worse in intent acc`, or that no difference is shown."""
    said = []
    for verdict in ("better", "worse"):
        metrics = [_TITLES[test.metric] for test in tests if test.verdict == verdict]
        if metrics:
            said.append(f"{verdict} in {' and '.join(metrics)}")
    return ", ".join(said) or "no difference shown"


def _averages(found: Comparison) -> Table:
    rows = tuple(
        (
            AVERAGE_INFO[key].title,
            _TITLES[test.metric],
            Estimate(value=test.first),
            Estimate(value=test.second),
            _difference(test),
            test.p_bootstrap,
            test.p,
            test.verdict,
        )
        for key in AVERAGES
        for test in found.of("average")
        if test.key == key
    )
    numbers = [
        ("first", found.first),
        ("second", found.second),
        ("difference", "difference"),
        ("p_bootstrap", "p (bootstrap)"),
        ("p", "p (randomisation)"),
    ]
    names = (*columns("average", "metric", numbers=numbers), _WORDS)
    return Table("averages", "Averages", names, rows)


def _regressions(found: Comparison) -> Table:
    rows = tuple(
        (_TITLES[metric], test.key, _difference(test), test.p_holm)
        for metric in _TITLES
        for test in found.regressions(metric)
    )
    note = "Significantly worse (Holm), although the mean over locales did not fall."
    return Table(
        "regressions",
        f"Regressions of {found.second}: {len(rows)}",
        columns("metric", "locale", numbers=[("difference", "difference"), ("p_holm", "p (Holm)")]),
        rows,
        (note,),
    )
