"""Resampling: against a plain loop and scipy, and whether the intervals cover what they should."""

from __future__ import annotations

import dataclasses
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from massive_kit.scoring.bootstrap import Units, percentile, resample, resampled_sums, weights
from massive_kit.scoring.estimates import pooled_estimates
from massive_kit.scoring.metrics import MAIN, METRICS
from massive_kit.scoring.statistics import SufficientStatistics, count
from tests.scoring.corpora import random_pair

_BY_NAME = {metric.name: metric for metric in METRICS}


def _statistics(locales: int = 3, rows: int = 120, seed: int = 0) -> SufficientStatistics:
    return count(*random_pair(locales, rows, seed=seed))


def _without(statistics: SufficientStatistics, *rows: int) -> SufficientStatistics:
    return statistics.take(np.setdiff1d(np.arange(len(statistics)), rows))


@pytest.mark.parametrize("parallel", [True, False])
def test_resampling_is_that_of_a_plain_loop(parallel: bool) -> None:
    statistics = _statistics()
    if not parallel:
        statistics = _without(statistics, 0, 5, 130, 131, 300)
    units = Units.of(statistics)
    (drawn,) = weights(len(units), 20, seed=7)
    resampled = resample(statistics, MAIN, np.array([0, 2]), 20, 7)
    position = {name: i for i, name in enumerate(units.names.tolist())}
    for metric in MAIN:
        for r in range(20):
            sums = {name: np.zeros(3) for name in metric.columns}
            for row in range(len(statistics)):
                times = drawn[r, position[statistics.ids[row]]]
                for name, totals in sums.items():
                    value = 1 if name == "n" else getattr(statistics, name)[row]
                    totals[statistics.locale[row]] += times * value
            assert resampled.locales[metric.name][r] == pytest.approx(metric(sums))
            pooled = {name: totals[[0, 2]].sum() for name, totals in sums.items()}
            assert resampled.pooled[metric.name][r] == pytest.approx(float(metric(pooled)))


def test_every_resample_draws_as_many_ids_as_there_are() -> None:
    blocks = list(weights(50, 30, seed=1))
    assert sum(len(block) for block in blocks) == 30
    assert {float(total) for block in blocks for total in block.sum(axis=1)} == {50.0}


def test_the_same_seed_draws_the_same_and_zero_is_a_seed() -> None:
    statistics = _statistics()
    draws = [
        resample(statistics, MAIN, np.arange(3), 50, seed).pooled["slot_f1"] for seed in (0, 0, 1)
    ]
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()


def test_memory_blocks_do_not_change_a_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(weights(64, 40, seed=2)))
    monkeypatch.setattr("massive_kit.scoring.bootstrap._BLOCK", 64 * 8)
    assert (np.concatenate(list(weights(64, 40, seed=2))) == whole).all()


def test_the_percentile_interval_is_numpys_quantile() -> None:
    values = np.random.default_rng(0).normal(size=(501, 4))
    bounds = percentile(values)
    assert bounds.low == pytest.approx(np.quantile(values, 0.025, axis=0), abs=1e-12)
    assert bounds.high == pytest.approx(np.quantile(values, 0.975, axis=0), abs=1e-12)


def test_intervals_are_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    statistics = _statistics(locales=1, rows=400)
    resampled = resample(statistics, MAIN, np.array([0]), 4000, 0)
    tp, total = statistics.tp, statistics.predicted + statistics.gold
    theirs = stats.bootstrap(
        (tp, total),
        lambda a, b, axis: 2 * a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=4000,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    ours = percentile(resampled.locales["slot_f1"])
    assert ours.low[0] == pytest.approx(theirs.confidence_interval.low, abs=0.004)
    assert ours.high[0] == pytest.approx(theirs.confidence_interval.high, abs=0.004)


def test_metrics_need_their_columns_only() -> None:
    statistics = _statistics()
    units = Units.of(statistics)
    columns = _BY_NAME["exact_match"].columns
    (sums,) = resampled_sums(statistics, columns, weights(len(units), 5, 0), units)
    assert set(sums) == {"exact", "n"}


SKILLS = np.linspace(0.2, 1.4, 20)


def _right_answers(generator: np.random.Generator, rows: int) -> NDArray[np.bool_]:
    """Shape (rows, locales): an utterance is about as hard in every locale."""
    shared = generator.normal(size=(rows, 1))
    of_locale = 0.5 * generator.normal(size=(rows, len(SKILLS)))
    return shared + of_locale < SKILLS


@pytest.mark.slow
def test_intervals_cover_95_percent_only_if_locales_share_their_ids() -> None:
    """For the mean over 20 locales; resampling each locale alone fails."""
    generator = np.random.default_rng(5)
    locales, rows, trials = len(SKILLS), 200, 1000
    # The difficulty of an utterance is normal with variance 1 + 0.25.
    truth = float(np.mean([NormalDist(0, 1.25**0.5).cdf(skill) for skill in SKILLS]))
    ids = np.tile(np.array([str(i) for i in range(rows)]), locales)
    locale = np.repeat(np.arange(locales, dtype=np.int16), rows)
    zeros = np.zeros(rows * locales, np.int16)
    covered = alone = 0
    for trial in range(trials):
        right = _right_answers(generator, rows)
        flat = right.T.ravel()
        statistics = SufficientStatistics(
            locales=tuple(map(str, range(locales))),
            locale=locale,
            ids=ids,
            intent_right=flat,
            exact=flat,
            scenario_right=flat,
            tokens=zeros.astype(np.int32),
            with_intent=np.ones(len(flat), bool),
            with_scenario=np.ones(len(flat), bool),
            **dict.fromkeys(("tp", "predicted", "gold", "boundary", "typed", "partial"), zeros),
        )
        drawn = resample(statistics, MAIN[:1], np.arange(locales), 300, trial)
        bounds = percentile(drawn.locales["intent_accuracy"].mean(axis=1))
        covered += int(bounds.low <= truth <= bounds.high)
        # Each locale alone: the mean of a binomial draw in every locale.
        share = right.mean(axis=0)
        separate = generator.binomial(rows, share, size=(300, locales)).mean(axis=1) / rows
        low, high = np.quantile(separate, [0.025, 0.975])
        alone += int(low <= truth <= high)
    assert 0.93 <= covered / trials <= 0.97
    assert alone / trials < 0.6


def test_without_shared_ids_every_locale_keeps_its_number_of_rows() -> None:
    statistics = _statistics(rows=40)
    ids = np.array(
        [f"{locale}-{name}" for locale, name in zip(statistics.locale, statistics.ids, strict=True)]
    )
    apart = dataclasses.replace(statistics, ids=ids)
    units = Units.of(apart)
    assert units.kind == "rows within each locale"
    assert units.strata is not None
    for block in weights(len(units), 30, 1, units.strata):
        for stratum in units.strata:
            assert set(block[:, stratum].sum(axis=1)) == {40.0}
    assert Units.of(statistics).kind == "ids shared by all locales"
    assert Units.of(statistics).strata is None


def _apart(statistics: SufficientStatistics) -> SufficientStatistics:
    ids = np.array(
        [f"{locale}-{name}" for locale, name in zip(statistics.locale, statistics.ids, strict=True)]
    )
    return dataclasses.replace(statistics, ids=ids)


@pytest.mark.parametrize("rows", [1, 2])
def test_a_locale_of_two_rows_or_fewer_has_no_interval_without_shared_ids(rows: int) -> None:
    statistics = _apart(_statistics(rows=40))
    small = statistics.take(np.r_[0:80, 80 : 80 + rows])
    units = Units.of(small)
    assert not units.parallel
    assert sorted(map(len, units.strata or ())) == [40, 40 + rows]
    drawn = resample(small, MAIN, np.arange(3), 400, 0)
    low = percentile(drawn.locales["intent_accuracy"]).low
    assert np.isnan(low).tolist() == [False, False, True]


def test_locales_of_one_row_each_vary_together() -> None:
    statistics = _apart(_statistics(locales=12, rows=5))
    firsts = statistics.take(np.arange(0, 60, 5))
    right = np.arange(12) % 2 == 0
    bounds = percentile(
        resample(
            dataclasses.replace(firsts, intent_right=right), MAIN, np.arange(12), 400, 0
        ).pooled["intent_accuracy"]
    )
    assert bounds.low < 0.4
    assert bounds.high > 0.6


def test_a_part_of_a_parallel_corpus_is_drawn_as_one() -> None:
    statistics = _statistics(locales=4, rows=40)
    # A row per locale, of four different ids.
    part = statistics.take(np.array([0, 41, 82, 123]))
    right = np.array([True, False, True, False])
    part = dataclasses.replace(part, intent_right=right)
    accuracy = pooled_estimates(part, 400, 0, parallel=Units.of(statistics).parallel)[
        "intent_accuracy"
    ]
    assert accuracy is not None
    assert accuracy.value == 0.5
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.low <= 0.25
    assert accuracy.high >= 0.75
    two = pooled_estimates(part.take(np.arange(2)), 400, 0, parallel=True)["intent_accuracy"]
    assert two is not None
    assert two.low is None


def test_locales_of_equal_ids_are_together_wherever_they_stand() -> None:
    statistics = _without(_statistics(locales=4, rows=30), 35)
    parallel = Units.of(statistics).parallel_locales()
    assert [together.locales for together in parallel] == [[0, 2, 3], [1]]
