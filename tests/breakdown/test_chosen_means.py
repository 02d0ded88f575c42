from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massive_kit.breakdown.chosen_means import WORST, ChosenMeans, MeanMaker, speakers
from massive_kit.languages import LanguageTable
from massive_kit.languages.world.table import WorldTable
from massive_kit.schema.metrics import CHOSEN_MEANS, MAIN_METRICS, ChosenMean
from massive_kit.schema.scores import Estimate, LocaleScores
from massive_kit.scoring.replicates import Replicates

# Two of Latin script and one of Khmer; Germanic twice, all but one Indo-European.
FEW = ["de-DE", "nl-NL", "km-KH"]
MANY = sorted(LanguageTable.shipped().languages)[:14]


def scored(values: dict[str, float | None]) -> dict[str, LocaleScores]:
    """Locales with one value of all metrics."""
    made = {}
    for locale, value in values.items():
        score = None if value is None else Estimate(value=value)
        made[locale] = LocaleScores(intent_accuracy=score, slot_f1=score, exact_match=score, n=10)
    return made


def replicates(values: dict[str, float], resamples: int = 400, seed: int = 0) -> Replicates:
    keys = tuple(f"locale:{locale}" for locale in values)
    point = np.repeat(np.array([*values.values()])[:, None], len(MAIN_METRICS), axis=1)
    noise = np.random.default_rng(seed).normal(0, 0.01, (resamples, *point.shape))
    return Replicates(keys, point, (point + noise).astype(np.float32), "draw")


def means(
    values: dict[str, float | None], drawn: Replicates | None = None, table: str = ""
) -> ChosenMeans:
    shipped = LanguageTable.load(Path(table) if table else None)
    return MeanMaker(shipped, "exact_match").of([*values], scored(values), drawn)


def value(made: ChosenMeans, mean: ChosenMean) -> Estimate:
    estimate = made.scores[mean].exact_match
    assert estimate is not None
    return estimate


def test_groups_have_one_vote_each() -> None:
    made = means({"de-DE": 0.8, "nl-NL": 0.6, "km-KH": 0.3})
    assert value(made, "macro_families").value == pytest.approx((0.7 + 0.3) / 2)
    assert value(made, "macro_scripts").value == pytest.approx((0.7 + 0.3) / 2)
    assert value(made, "macro_scripts").low is None
    assert "worst_ten" not in made.scores
    assert made.replicates is None


def test_users_weigh() -> None:
    world = WorldTable.shipped()
    users = {locale: world.find(locale) for locale in FEW}
    counts = [language.speakers or 0 for language in users.values() if language is not None]
    made = means({"de-DE": 0.8, "nl-NL": 0.6, "km-KH": 0.3})
    by_hand = np.dot(counts, [0.8, 0.6, 0.3]) / sum(counts)
    assert value(made, "weighted_speakers").value == pytest.approx(by_hand)


def test_locales_of_one_language_share_its_users() -> None:
    users = speakers(LanguageTable.shipped(), ["zh-CN", "zh-TW", "ja-JP"])
    chinese = WorldTable.shipped().find("zh-CN")
    assert chinese is not None
    assert users["zh-CN"] == users["zh-TW"]
    assert users["zh-CN"] + users["zh-TW"] == chinese.speakers


def test_a_tables_own_users_come_first(tmp_path: Path) -> None:
    path = tmp_path / "languages.csv"
    path.write_text(
        "locale,language,speakers\nqaa-AA,A,300\nqab-AA,B,100\nqac-AA,C,\n", encoding="utf-8"
    )
    made = means({"qaa-AA": 0.8, "qab-AA": 0.4, "qac-AA": 0.1}, table=str(path))
    assert value(made, "weighted_speakers").value == pytest.approx(0.7)
    assert made.scores["weighted_speakers"].over["exact_match"] == 2


def test_worst_ten_are_the_systems_own() -> None:
    values = {locale: 0.9 - 0.05 * i for i, locale in enumerate(MANY)}
    made = means({**values})
    assert made.worst == tuple(reversed(MANY[-WORST:]))
    assert value(made, "worst_ten").value == pytest.approx(np.mean([*values.values()][-WORST:]))
    assert made.scores["worst_ten"].over["exact_match"] == WORST


def test_intervals_are_those_of_the_same_resamples() -> None:
    values = {locale: 0.9 - 0.05 * i for i, locale in enumerate(MANY)}
    drawn = replicates(values)
    made = means({**values}, drawn)
    assert made.replicates is not None
    for mean in CHOSEN_MEANS:
        estimate = value(made, mean)
        again = made.replicates.scores(f"average:{mean}", "exact_match")
        low, high = np.quantile(again, [0.025, 0.975])
        assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-6)
        assert made.replicates.score(f"average:{mean}", "exact_match") == pytest.approx(
            estimate.value
        )
    worst = drawn.values[:, -WORST:, MAIN_METRICS.index("exact_match")].mean(axis=1)
    assert made.replicates.scores("average:worst_ten", "exact_match") == pytest.approx(
        worst, abs=1e-6
    )
    assert made.replicates.weights == drawn.weights


def test_a_locale_without_the_score_is_left_out() -> None:
    made = means({"de-DE": 0.8, "nl-NL": None, "km-KH": 0.3})
    assert value(made, "macro_families").value == pytest.approx(0.55)
    assert made.scores["macro_families"].over == dict.fromkeys(MAIN_METRICS, 2)


def test_nothing_scored_has_no_mean() -> None:
    assert means({"de-DE": None}).scores == {}
    assert means({}).scores == {}


def test_a_resample_without_the_score_is_no_zero() -> None:
    drawn = replicates({"de-DE": 0.8, "nl-NL": 0.6, "km-KH": 0.3})
    drawn.values[:200, 0] = np.nan
    assert (
        value(means({"de-DE": 0.8, "nl-NL": 0.6, "km-KH": 0.3}, drawn), "macro_scripts").low is None
    )
