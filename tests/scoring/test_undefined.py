"""Scores that are not defined are absent, everywhere; all values are computed by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.breakdown import rendering, score_tables
from massive_kit.breakdown.comparison import compare
from massive_kit.breakdown.comparison_views import all_tests, comparison_tables
from massive_kit.breakdown.correlation import correlation_table
from massive_kit.breakdown.request import Request
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.breakdown.tables import text
from massive_kit.breakdown.transfer import transfer_tables
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import Scores
from massive_kit.scoring.bootstrap import percentile
from massive_kit.scoring.evaluation import evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, label_columns
from massive_kit.scoring.replicates import load_replicates
from massive_kit.scoring.seeds import over_seeds
from massive_kit.scoring.significance import holm
from massive_kit.scoring.stats_file import load_stats_file
from tests.known import known
from tests.scoring.corpora import INVENTORY
from tests.scoring.sparse_corpus import CONTEXT, FIRST, GOLD, LOCALES, SECOND, evaluation

SLOT_METRICS = (
    *("slot_f1", "slot_precision", "slot_recall", "slot_f1_boundary", "slot_f1_type"),
    *("slot_f1_partial", "slot_f1_macro_types"),
)


@pytest.fixture(scope="module")
def scores() -> Scores:
    return evaluation(FIRST).scores


def test_a_locale_without_any_slot_has_no_slot_score(scores: Scores) -> None:
    dutch = scores.locales["nl-NL"]
    assert set(dutch.estimates()) == {"intent_accuracy", "exact_match", "scenario_accuracy"}
    assert dutch.slot_f1 is None
    assert known(dutch.exact_match).value == 1
    assert known(scores.locales["de-DE"].slot_f1).value == 1 / 2
    assert known(scores.locales["ja-JP"].slot_f1).value == pytest.approx(2 / 3)
    assert set(SLOT_METRICS) <= set(scores.locales["de-DE"].estimates())


def test_averages_run_over_the_locales_that_have_the_score_and_say_so(scores: Scores) -> None:
    averages = scores.averages
    assert known(averages["macro_locales"].slot_f1).value == pytest.approx((1 / 2 + 2 / 3) / 2)
    # German alone stands for its genus.
    assert known(averages["macro_genera"].slot_f1).value == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert known(averages["pooled"].slot_f1).value == pytest.approx(4 / 7)
    for average in averages.values():
        assert average.over == dict.fromkeys(SLOT_METRICS, 2)
    # Slots by their names: date 2/3, time 0 in German; artist 1, time 0 in Japanese.
    macro_types = averages["macro_locales"].more["slot_f1_macro_types"]
    assert macro_types.value == pytest.approx((1 / 3 + 1 / 2) / 2)
    genera = scores.groups["genus"]
    assert known(genera["Germanic"].slot_f1).value == 1 / 2
    assert genera["Germanic"].over == dict.fromkeys(SLOT_METRICS, 1)
    assert genera["Japanese"].over == {}
    exact = known(averages["macro_locales"].exact_match)
    assert exact.value == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)


def test_a_group_without_the_score_has_none() -> None:
    nothing = {**GOLD, "de-DE": ["Other Other", "Other"]}
    group = evaluation(nothing, gold=nothing).scores.groups["genus"]["Germanic"]
    assert group.slot_f1 is None
    assert group.over == {}


def test_one_sided_slots_score_zero() -> None:
    local = evaluation(SECOND).scores.locales["nl-NL"]
    for name in ("slot_f1", "slot_precision", "slot_recall", "slot_f1_boundary"):
        assert local.estimates()[name].value == 0
    missed = evaluation({**GOLD, "ja-JP": ["Other", "Other"]}).scores.locales["ja-JP"]
    assert known(missed.slot_precision).value == 0
    assert known(missed.slot_f1).value == 0


def test_a_corpus_without_intents_has_no_accuracy_and_matches_on_slots_alone() -> None:
    scores = evaluation(FIRST, intents=False).scores
    for score_set in (*scores.locales.values(), *scores.averages.values()):
        assert score_set.intent_accuracy is None
        assert "scenario_accuracy" not in score_set.more
    assert known(scores.averages["pooled"].exact_match).value == pytest.approx(4 / 6)
    assert scores.intents == {}
    assert scores.transfer["ja-JP"].intent_accuracy is None


def test_a_corpus_without_slots_has_accuracies_alone() -> None:
    empty = {locale: ["Other", "Other"] for locale in LOCALES}
    scores = evaluation(empty, gold=empty, intent="alarm_remove").scores
    pooled = scores.averages["pooled"]
    assert {name: estimate.value for name, estimate in pooled.estimates().items()} == {
        "intent_accuracy": 0,
        "exact_match": 0,
        "scenario_accuracy": 1,
    }
    assert scores.slots == {}
    assert pooled.over == {}


def test_scenarios_count_where_there_are_some() -> None:
    # `odd` has no scenario.
    gold = label_columns(
        INVENTORY,
        [
            LabelledRow("de-DE", str(number), intent, ["Other"])
            for number, intent in enumerate(("alarm_set", "alarm_set", "odd", "odd"))
        ],
    )
    predicted = replace(gold, intents=gold.intents[[0, 2, 2, 2]])
    context = replace(CONTEXT, averaged=("de-DE",))
    scores = evaluate_labels(context, gold, predicted, resamples=0).scores
    assert known(scores.locales["de-DE"].intent_accuracy).value == 3 / 4
    assert scores.locales["de-DE"].more["scenario_accuracy"].value == 1 / 2


def test_absent_is_null_in_the_file_and_no_row_in_the_frame(scores: Scores) -> None:
    value = json.loads(scores.model_dump_json())
    assert value["locales"]["nl-NL"]["slot_f1"] is None
    assert "slot_f1_boundary" not in value["locales"]["nl-NL"]["more"]
    assert "over" not in value["groups"]["genus"]["Japanese"]
    assert value["averages"]["macro_locales"]["over"]["slot_f1"] == 2
    assert Scores.model_validate(value) == scores
    frame = scores.to_frame().set_index(["kind", "key", "metric"])
    assert ("locale", "nl-NL", "slot_f1") not in frame.index
    assert frame.loc[("average", "macro_locales", "slot_f1"), "n"] == 2
    assert frame.loc[("average", "macro_locales", "exact_match"), "n"] == 3


def test_tables_show_a_dash_and_say_why(scores: Scores) -> None:
    languages = LanguageTable.shipped()
    tables = [
        score_tables.locales_table(scores, languages),
        *score_tables.group_tables(scores),
        score_tables.more_table(scores),
        score_tables.averages_table(scores),
        score_tables.transfer_table(scores),
    ]
    note = "No slot F1 in nl-NL, where neither side has a slot; means run over 2 of 3 locales."
    for render in (rendering.markdown, rendering.latex):
        assert note in render(tables)
    assert "| nl-NL | Dutch | 2 | 100.0 [100.0, 100.0] | - | 100.0 [100.0, 100.0] |" in (
        rendering.markdown(tables)
    )
    assert "nl-NL,Dutch,2,1.0,1.0,1.0,,,,1.0,1.0,1.0\n" in rendering.to_csv(tables)
    shown = json.loads(rendering.to_json(tables))
    assert shown["locales"]["rows"][1]["slot_f1"] is None
    assert shown["transfer"]["rows"][0]["slot_f1"] is None
    without = score_tables.averages_table(evaluation(FIRST, intents=False).scores)
    assert without.notes[:2] == (
        "No intent accuracy: there is no gold intent.",
        "Without a gold intent, exact match is of the slots alone.",
    )


def test_a_resample_without_the_score_is_left_out() -> None:
    # Of 40 German utterances one has a span, which 36 % of the resamples lack: no interval. Of the
    # Japanese 20 have one.
    gold = {
        "de-DE": ["date", *["Other"] * 39],
        "ja-JP": [*["artist"] * 20, *["Other"] * 20],
    }
    predictions = {**gold, "ja-JP": [*["artist"] * 10, *["Other"] * 30]}
    context = replace(CONTEXT, averaged=("de-DE", "ja-JP"))
    sides = [
        label_columns(
            INVENTORY,
            [
                LabelledRow(locale, str(number), "odd", [label])
                for locale, labels in rows.items()
                for number, label in enumerate(labels)
            ],
        )
        for rows in (gold, predictions)
    ]
    result = evaluate_labels(context, *sides, resamples=1000)
    german, japanese = (known(result.scores.locales[name].slot_f1) for name in gold)
    assert (german.value, german.low, german.high) == (1, None, None)
    assert known(japanese.low) < 2 / 3 < known(japanese.high)
    # The mean is one of both on every resample that it is made from.
    macro = known(result.scores.averages["macro_locales"].slot_f1)
    assert macro.value == pytest.approx(5 / 6)
    assert macro.low is None
    replicates = known(result.replicates)
    missing = np.isnan(replicates.scores("locale:de-DE", "slot_f1"))
    assert 0.3 < missing.mean() < 0.43
    mean = replicates.scores("average:macro_locales", "slot_f1")
    assert (np.isnan(mean) == missing).all()
    assert not np.isnan(replicates.scores("average:macro_locales", "exact_match")).any()


def test_percentiles_leave_out_a_tenth_at_most() -> None:
    values = np.random.default_rng(0).normal(size=(500, 3))
    values[:50, 1] = values[:51, 2] = np.nan
    bounds = percentile(values)
    assert bounds.low[1] == pytest.approx(np.quantile(values[50:, 1], 0.025))
    assert bounds.high[1] == pytest.approx(np.quantile(values[50:, 1], 0.975))
    assert np.isnan([bounds.low[2], bounds.high[2]]).all()


def test_what_is_absent_comes_back_absent(tmp_path: Path) -> None:
    for intents in (True, False):
        result = evaluation(FIRST, intents=intents)
        result.save(tmp_path)
        statistics = load_stats_file(tmp_path).statistics
        assert statistics.with_intent.all() == intents
        assert statistics.with_scenario.any() == intents
        replicates = known(load_replicates(tmp_path / "stats.npz"))
        assert np.isnan(replicates.score("locale:nl-NL", "slot_f1"))
        assert np.isnan(replicates.score("average:pooled", "intent_accuracy")) != intents


def test_transfer_runs_where_both_have_a_score(scores: Scores, tmp_path: Path) -> None:
    assert scores.transfer["nl-NL"].slot_f1 is None
    assert known(scores.transfer["ja-JP"].slot_f1).value == pytest.approx(2 / 3 - 1 / 2)
    evaluation(FIRST).save(tmp_path)
    saved = SavedEvaluation.open(tmp_path)
    local, by_genus = transfer_tables(
        saved, None, ["genus"], saved.scores.averaged, resamples=50, seed=0
    )
    assert [row[3] for row in local.rows] == [None, known(scores.transfer["ja-JP"].slot_f1)]
    assert [row[0] for row in by_genus.rows] == ["Germanic †", "Japanese †"]
    assert by_genus.rows[0][4] is None


def test_breakdowns_know_of_it(tmp_path: Path) -> None:
    evaluation(FIRST).save(tmp_path)
    request = Request(SavedEvaluation.open(tmp_path), ("de-DE", "nl-NL"), resamples=50)
    (genus, slots) = request.by(["genus", "slots"])
    assert text(genus.rows[0][3]) == "50.0"
    # Utterances without a gold slot: two Dutch ones, and nothing is predicted there.
    assert slots.rows[0][:2] == ("0", 2)
    assert slots.rows[0][3] is None
    (tmp_path / "stats.npz").unlink()
    (means,) = Request(SavedEvaluation.open(tmp_path), ("de-DE", "nl-NL")).by(["family"])
    assert text(means.rows[0][3]) == "50.0"


def test_correlations_run_over_the_locales_that_have_the_score(scores: Scores) -> None:
    table = correlation_table(scores, LanguageTable.shipped(), "tokens_per_utterance")
    counts = {row[0]: row[1] for row in table.rows}
    assert counts == {"intent acc": 3, "slot F1": 2, "exact match": 3}
    assert table.rows[1][2:] == (None, None, None)


def test_seeds_need_the_score_of_every_run() -> None:
    spread = over_seeds([evaluation(side, resamples=0).scores for side in (FIRST, SECOND)])
    assert spread.locales["nl-NL"].slot_f1 is None
    assert known(spread.locales["de-DE"].slot_f1).values == [1 / 2, 1]
    locales = score_tables.seed_tables(spread, LanguageTable.shipped())[1]
    assert locales.rows[1][4:6] == (None, None)


def test_systems_are_compared_where_both_have_the_score(tmp_path: Path) -> None:
    for name, side in (("first", FIRST), ("second", SECOND)):
        evaluation(side).save(tmp_path / name)
    (comparison,) = compare([tmp_path / "first", tmp_path / "second"], resamples=200)
    tests = {(test.key, test.metric): test for test in comparison.tests}
    assert ("nl-NL", "slot_f1") not in tests
    assert ("nl-NL", "exact_match") in tests
    # Over German and Japanese in both, although the second has a score of 0 in Dutch.
    mean = tests["macro_locales", "slot_f1"]
    assert mean.first == pytest.approx(7 / 12)
    assert mean.second == 1
    assert tests["Germanic", "slot_f1"].second == 1
    tables = comparison_tables(comparison)
    assert tables[0].rows[1][2] is None
    assert "Not both have a slot F1 in nl-NL; means run over the other locales." in tables[0].notes
    assert "p_holm" in rendering.to_csv([all_tests(comparison)])
    for name, side in (("third", FIRST), ("fourth", SECOND)):
        evaluation(side, intents=False).save(tmp_path / name)
    (comparison,) = compare([tmp_path / "third", tmp_path / "fourth"], resamples=100)
    assert comparison.of("average", "intent_accuracy") == []
    assert comparison.regressions("intent_accuracy") == []
    assert {flip.intents_lost for flip in comparison.flips} == {None}
    assert comparison_tables(comparison)[0].rows[0][1] is None


def test_holm_corrects_for_tests_that_were_made() -> None:
    adjusted = holm(np.array([0.01, np.nan, 0.03]))
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.03])
    assert np.isnan(adjusted[1])
