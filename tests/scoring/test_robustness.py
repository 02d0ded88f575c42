"""Flips of answers, with intervals that draw ids in all locales at once."""

from __future__ import annotations

import numpy as np
import pytest

from massive_kit.breakdown.robustness import robustness_table
from massive_kit.languages import LanguageTable
from massive_kit.scoring.robustness import Pairs, robustness


def pairs(ids: str, intent: str, answer: str, before: str, after: str) -> Pairs:
    columns = (np.array([mark == "1" for mark in text]) for text in (intent, answer, before, after))
    return Pairs(ids.split(), *columns)


def test_an_interval_that_is_not_there_is_told() -> None:
    many = " ".join(map(str, range(12)))
    marks = "010101010101"
    by_locale, pooled = robustness(
        {
            "de-DE": pairs(many, marks, marks, marks, marks),
            "nb-NO": pairs("3", "1", "1", "1", "0"),
        },
        200,
        0,
    )
    assert pooled is not None
    table = robustness_table("noise", by_locale, pooled, LanguageTable.shipped())
    (note,) = [note for note in table.notes if "no interval" in note]
    assert note.startswith("no interval of nb-NO: ")
    by_locale, pooled = robustness({"nb-NO": pairs("3", "1", "1", "1", "0")}, 0, 0)
    assert pooled is not None
    asked = robustness_table("noise", by_locale, pooled, LanguageTable.shipped())
    assert "no interval" not in " ".join(asked.notes)


def test_counts_by_hand() -> None:
    by_locale, pooled = robustness(
        {
            "de-DE": pairs("1 2 3 4", "1000", "1100", "1110", "0101"),
            "nb-NO": pairs("2 5", "00", "00", "10", "10"),
            "xx-XX": pairs("", "", "", "", ""),
        },
        0,
        0,
    )
    assert [*by_locale] == ["de-DE", "nb-NO"]
    german = by_locale["de-DE"]
    assert german.pairs == 4
    assert german.intent_flips.value == 0.25
    assert german.answer_flips.value == 0.5
    assert german.match_flips.value == 0.75
    assert (german.before.value, german.after.value, german.change.value) == (0.75, 0.5, -0.25)
    assert german.change.low is None
    assert pooled is not None
    assert pooled.pairs == 6
    assert pooled.match_flips.value == 0.5
    assert pooled.change.value == pytest.approx(-1 / 6)
    assert robustness({}, 10, 0) == ({}, None)


def test_intervals_are_those_of_a_paired_bootstrap() -> None:
    generator = np.random.default_rng(7)
    before = generator.random(400) < 0.6
    after = before & (generator.random(400) < 0.9)
    ids = [str(number) for number in range(400)]
    nothing = np.zeros(400, bool)
    result, pooled = robustness(
        {"a": Pairs(ids, nothing, nothing, before, after)}, resamples=4000, seed=0
    )
    assert pooled == result["a"]
    change = result["a"].change
    # The normal interval of a mean of paired differences.
    differences = after.astype(float) - before
    width = 1.96 * differences.std() / 20
    assert change.low == pytest.approx(differences.mean() - width, abs=0.004)
    assert change.high == pytest.approx(differences.mean() + width, abs=0.004)
    assert result["a"].intent_flips.high == 0.0
    again, _ = robustness({"a": Pairs(ids, nothing, nothing, before, after)}, 4000, 0)
    assert again == result


def test_locales_share_their_draws() -> None:
    ids = [str(number) for number in range(100)]
    flips = np.arange(100) % 3 == 0
    of_locale = Pairs(ids, flips, flips, flips, ~flips)
    one, pooled = robustness({"a": of_locale, "b": of_locale}, 500, 0)
    assert pooled is not None
    # Two languages with the same answers say no more than one.
    assert pooled.intent_flips == one["a"].intent_flips
