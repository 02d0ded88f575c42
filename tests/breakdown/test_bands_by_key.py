"""Rank bands of many systems at once, tallies and plain differences, as the board shows them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from massive_kit.breakdown import rank_bands as rank_bands_module
from massive_kit.breakdown.rank_bands import bands_by_key, bands_of, rank_bands
from massive_kit.breakdown.replicate_comparison import (
    PairedDifference,
    Replicates,
    Tally,
    paired_differences,
    plain_difference,
)
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.scores import Estimate
from massive_kit.scoring.significance import LEVEL, holm
from tests.known import known

KEYS = ("average:pooled", "locale:de-DE")


def replicates(
    score: float, seed: int, weights: str = "w", keys: tuple[str, ...] = KEYS
) -> Replicates:
    point = np.full((len(keys), 3), score)
    noise = np.random.default_rng(seed).normal(0, 0.01, (50, len(keys), 3))
    return Replicates(keys, point, (point + noise).astype(np.float32), weights)


SYSTEMS = {"good": replicates(0.9, 1), "tied": replicates(0.895, 2), "poor": replicates(0.5, 3)}


def test_bands_by_key_are_those_of_each_key() -> None:
    bands = bands_by_key(SYSTEMS.items(), "slot_f1")
    assert set(bands) == set(KEYS)
    for key in KEYS:
        expected = {band.system: band for band in rank_bands(SYSTEMS, key, "slot_f1")}
        assert bands[key] == expected
    assert (bands[KEYS[0]]["good"].best, bands[KEYS[0]]["good"].worst) == (1, 2)
    assert (bands[KEYS[0]]["poor"].best, bands[KEYS[0]]["poor"].worst) == (3, 3)


def test_resamples_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = bands_by_key(SYSTEMS.items(), "slot_f1")
    monkeypatch.setattr(rank_bands_module, "_IN_MEMORY", 1)
    assert bands_by_key(SYSTEMS.items(), "slot_f1") == in_memory


def test_only_the_largest_party_drawn_alike_is_tested() -> None:
    other = {"stranger": replicates(0.99, 4, weights="v")}
    assert set(bands_by_key({**SYSTEMS, **other}.items(), "slot_f1")[KEYS[0]]) == set(SYSTEMS)
    assert bands_by_key([], "slot_f1") == {}


def test_a_key_that_one_system_lacks_is_ranked_among_the_others() -> None:
    fewer = {**SYSTEMS, "poor": replicates(0.5, 3, keys=KEYS[:1])}
    bands = bands_by_key(fewer.items(), "slot_f1")
    assert set(bands[KEYS[0]]) == {"good", "tied", "poor"}
    assert set(bands[KEYS[1]]) == {"good", "tied"}


def test_where_lower_is_better_the_lowest_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    lower = replace(METRIC_INFO["slot_f1"], higher_is_better=False)
    monkeypatch.setitem(METRIC_INFO, "slot_f1", lower)
    bands = bands_by_key(SYSTEMS.items(), "slot_f1")[KEYS[0]]
    assert (bands["poor"].best, bands["poor"].worst) == (1, 1)
    assert (bands["good"].best, bands["good"].worst) == (2, 3)


def test_tally_counts_what_is_significant() -> None:
    def test(difference: float, p: float) -> PairedDifference:
        return PairedDifference("locale:de-DE", "slot_f1", difference, 0, 0, p, p)

    tests = [test(0.1, 0.01), test(0.1, 0.2), test(-0.1, 0.01), test(-0.2, 0.04)]
    assert Tally.of(tests) == Tally(first=2, second=1, neither=1)


def test_plain_difference_is_second_minus_first() -> None:
    difference = known(plain_difference(Estimate(value=0.3), Estimate(value=0.5)))
    assert (difference.value, difference.low, difference.high) == (0.2, None, None)
    assert plain_difference(None, Estimate(value=0.5)) is None


def absent(system: Replicates, *keys: str, draws: int = 50) -> Replicates:
    """The same without some scores, or without them on the first draws alone."""
    point, values = system.point.copy(), system.values.copy()
    places = [system.position(key) for key in keys]
    values[:draws, places] = np.nan
    if draws == len(values):
        point[places] = np.nan
    return replace(system, point=point, values=values)


def test_a_system_without_the_score_has_no_band() -> None:
    systems = {**SYSTEMS, "good": absent(SYSTEMS["good"], "locale:de-DE")}
    bands = bands_by_key(systems.items(), "slot_f1")
    assert set(bands["locale:de-DE"]) == {"tied", "poor"}
    assert set(bands["average:pooled"]) == set(SYSTEMS)
    assert [band.system for band in rank_bands(systems, "locale:de-DE", "slot_f1")] == [
        "tied",
        "poor",
    ]
    nobody = {name: absent(system, "locale:de-DE") for name, system in SYSTEMS.items()}
    assert "locale:de-DE" not in bands_by_key(nobody.items(), "slot_f1")


def test_few_resamples_may_lack_the_score() -> None:
    few = {**SYSTEMS, "good": absent(SYSTEMS["good"], "locale:de-DE", draws=5)}
    assert len(rank_bands(few, "locale:de-DE", "slot_f1")) == 3
    (test,) = (
        test
        for test in paired_differences(few["good"], few["poor"], ["locale:de-DE"])
        if test.metric == "slot_f1"
    )
    assert test.significant
    many = {**SYSTEMS, "good": absent(SYSTEMS["good"], "locale:de-DE", draws=6)}
    assert rank_bands(many, "locale:de-DE", "slot_f1") == []
    assert paired_differences(many["good"], many["poor"], ["locale:de-DE"]) == []


def test_means_are_ranked_among_those_over_the_same_locales() -> None:
    keys = ("average:macro_locales", "locale:de-DE")
    systems = {name: replicates(0.5, i, keys=keys) for i, name in enumerate("abc")}
    systems["b"] = absent(systems["b"], "locale:de-DE")
    bands = bands_by_key(systems.items(), "slot_f1")
    assert set(bands["average:macro_locales"]) == {"a", "c"}


def test_bands_are_those_of_every_pair_tested_by_itself() -> None:
    random = np.random.default_rng(5)
    count = 40
    points = np.round(random.normal(0.6, 0.02, count), 3)
    draws = points[:, None] + random.normal(0, 0.01, (count, 300))
    draws[3] = points[3] = points[7]
    draws[7] = points[7]
    names = [f"s{i:02d}" for i in range(count)]
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    p = []
    for i, j in pairs:
        gap, error = abs(points[i] - points[j]), (draws[i] - draws[j]).std(ddof=1)
        p.append(math.erfc(gap / error / math.sqrt(2)) if error > 1e-9 else float(gap < 1e-9))
    better, worse = np.zeros(count, int), np.zeros(count, int)
    for (i, j), adjusted in zip(pairs, holm(np.array(p)), strict=True):
        if adjusted < LEVEL:
            low, high = (i, j) if points[i] < points[j] else (j, i)
            better[low] += 1
            worse[high] += 1
    bands = {band.system: band for band in bands_of(names, points, draws)}
    assert [bands[name].best for name in names] == (1 + better).tolist()
    assert [bands[name].worst for name in names] == (count - worse).tolist()


def test_resamples_of_a_system_are_let_go() -> None:
    gone: list[weakref.ref[object]] = []

    def systems() -> Iterator[tuple[str, Replicates]]:
        for seed in range(3):
            # All but the newest are gone when the next is asked for.
            assert [reference() for reference in gone[:-1]] == [None] * len(gone[:-1])
            values = np.random.default_rng(seed).random((20, len(KEYS), 3)).astype(np.float32)
            gone.append(weakref.ref(values))
            yield f"s{seed}", Replicates(KEYS, np.full((len(KEYS), 3), 0.5), values, "draw")

    assert bands_by_key(systems(), "exact_match")
