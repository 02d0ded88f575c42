"""An evaluation as a whole, on the demo corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import MassiveKitError, MissingDataError, PredictionError, UsageError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Scores
from massive_kit.schema.task import load_task
from massive_kit.scoring.averages import Scope, Scopes, genus_members
from massive_kit.scoring.bootstrap import resample
from massive_kit.scoring.evaluation import Evaluation, evaluate
from massive_kit.scoring.labels import load_labels
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.replicates import load_replicates
from massive_kit.scoring.seeds import over_seeds
from massive_kit.scoring.statistics import SufficientStatistics, count
from massive_kit.scoring.stats_file import load_stats_file
from massive_kit.scoring.transfer import transfer_gaps
from tests.known import known


def spoilt(gold: LabelColumns, *, seed: int, share: float = 0.3) -> LabelColumns:
    """Predictions that are right but for a share of intents and tokens."""
    generator = np.random.default_rng(seed)
    inventory = gold.inventory
    labels = gold.labels.copy()
    wrong = generator.random(len(labels)) < share / 3
    labels[wrong] = generator.integers(0, len(inventory.labels), int(wrong.sum()))
    intents = gold.intents.copy()
    missed = generator.random(len(intents)) < share
    intents[missed] = generator.integers(0, len(inventory.intents), int(missed.sum()))
    return replace(gold, labels=labels, intents=intents)


@pytest.fixture(scope="module")
def task_data(demo_store: Store) -> TaskData:
    return lay_task(load_task("demo-full"), demo_store)


@pytest.fixture(scope="module")
def gold(task_data: TaskData) -> LabelColumns:
    return task_data.store.label_columns(task_data.test.partition, task_data.test.locales)


@pytest.fixture(scope="module")
def evaluation(gold: LabelColumns, task_data: TaskData) -> Evaluation:
    return evaluate(gold, spoilt(gold, seed=1), task_data, resamples=200)


def test_right_predictions_score_one_everywhere(gold: LabelColumns, task_data: TaskData) -> None:
    scores = evaluate(gold, gold, task_data, resamples=50).scores
    for score_set in (*scores.averages.values(), *scores.locales.values()):
        for name, estimate in score_set.estimates().items():
            assert estimate.value == pytest.approx(1, abs=1e-12), name
    assert known(scores.locales["en-US"].slot_f1).low == 1


def test_averages_are_what_their_names_say(evaluation: Evaluation) -> None:
    scores, statistics = evaluation.scores, evaluation.statistics
    local = scores.locales
    pooled = 2 * statistics.tp.sum() / (statistics.predicted.sum() + statistics.gold.sum())
    assert known(scores.averages["pooled"].slot_f1).value == pytest.approx(pooled, abs=1e-12)
    mean = np.mean([known(locale.slot_f1).value for locale in local.values()])
    assert known(scores.averages["macro_locales"].slot_f1).value == pytest.approx(mean, abs=1e-12)
    genera = genus_members(LanguageTable.shipped(), scores.averaged)
    by_genus = np.mean(
        [np.mean([known(local[name].slot_f1).value for name in genus]) for genus in genera]
    )
    assert known(scores.averages["macro_genera"].slot_f1).value == pytest.approx(
        by_genus, abs=1e-12
    )
    assert len({pooled, mean, by_genus}) == 3


def test_groups_are_means_of_their_locales(evaluation: Evaluation) -> None:
    for groups in evaluation.scores.groups.values():
        for group in groups.values():
            for metric in MAIN_METRICS:
                values = [
                    getattr(evaluation.scores.locales[name], metric).value for name in group.locales
                ]
                assert getattr(group, metric).value == pytest.approx(np.mean(values), abs=1e-12)
    members = [
        name for group in evaluation.scores.groups["script"].values() for name in group.locales
    ]
    assert sorted(members) == sorted(evaluation.scores.averaged)


def test_every_estimate_lies_in_its_interval(evaluation: Evaluation) -> None:
    frame = evaluation.scores.to_frame().dropna()
    assert len(frame) > 1000
    assert (frame["low"] <= frame["value"] + 1e-9).mean() > 0.99
    assert (frame["value"] <= frame["high"] + 1e-9).mean() > 0.99


def test_no_resamples_no_intervals_and_the_same_values(
    evaluation: Evaluation, gold: LabelColumns, task_data: TaskData
) -> None:
    plain = evaluate(gold, spoilt(gold, seed=1), task_data, resamples=0).scores
    assert plain.interval.method == "none"
    assert known(plain.averages["pooled"].slot_f1).low is None
    for locale, scores in plain.locales.items():
        assert (
            known(scores.exact_match).value
            == known(evaluation.scores.locales[locale].exact_match).value
        )


def test_zero_shot_averages_leave_out_the_training_locale(
    demo_store: Store, gold: LabelColumns
) -> None:
    task = load_task("demo-zeroshot")
    task_data = lay_task(task, demo_store)
    zero_shot_gold = demo_store.label_columns(task_data.test.partition, task_data.test.locales)
    predicted = spoilt(zero_shot_gold, seed=2)
    english = demo_store.label_columns(task_data.test.partition, ["en-US"])
    source = count(english, spoilt(english, seed=3))
    scores = evaluate(zero_shot_gold, predicted, task_data, resamples=50, source=source).scores
    assert "en-US" not in scores.averaged
    gap = known(scores.transfer["de-DE"].intent_accuracy)
    right = source.intent_right.mean()
    assert gap.value == pytest.approx(known(scores.locales["de-DE"].intent_accuracy).value - right)
    assert gap.low is not None


def test_gaps_are_the_same_however_they_are_drawn(evaluation: Evaluation) -> None:
    statistics = evaluation.statistics
    drawn = resample(statistics, MAIN, np.arange(2), 60, 4)
    reused = transfer_gaps(statistics, None, "en-US", 60, 4, drawn)
    assert reused == transfer_gaps(statistics, None, "en-US", 60, 4)
    assert "en-US" not in reused
    # From another file of the same utterances, too.
    rows = statistics.rows_of("en-US")
    english = replace(
        statistics.take(np.arange(rows.start, rows.stop)),
        locales=("en-US",),
        locale=np.zeros(rows.stop - rows.start, np.int16),
    )
    assert transfer_gaps(statistics, english, "en-US", 60, 4) == reused


def test_a_source_without_the_source_locale_is_refused(
    gold: LabelColumns, task_data: TaskData, demo_store: Store
) -> None:
    german = demo_store.label_columns(task_data.test.partition, ["de-DE"])
    task = task_data.task.model_copy(update={"source_locale": "en-US"})
    with pytest.raises(UsageError, match="no en-US"):
        evaluate(
            gold, gold, replace(task_data, task=task), resamples=0, source=count(german, german)
        )


def test_other_utterances_are_refused(gold: LabelColumns, task_data: TaskData) -> None:
    moved = replace(gold, ids=gold.ids[::-1].copy())
    with pytest.raises(PredictionError, match="do not match"):
        evaluate(gold, moved, task_data)


def test_an_unknown_grouping_is_refused(gold: LabelColumns, task_data: TaskData) -> None:
    with pytest.raises(UsageError, match="cannot group by 'colour'"):
        evaluate(gold, gold, task_data, by=["colour"])


def test_a_task_that_tests_only_what_it_trains_on_has_no_average(demo_store: Store) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    english = replace(task_data, test=replace(task_data.test, locales=("en-US",)))
    english_gold = demo_store.label_columns(task_data.test.partition, ["en-US"])
    with pytest.raises(UsageError, match="nothing to average over"):
        evaluate(english_gold, english_gold, english, resamples=0)


def test_what_is_saved_comes_back(evaluation: Evaluation, tmp_path: Path) -> None:
    evaluation.save(tmp_path)
    text = (tmp_path / "scores.json").read_text(encoding="utf-8")
    assert Scores.model_validate_json(text) == evaluation.scores
    stats = load_stats_file(tmp_path)
    assert stats.scored_on == evaluation.scored_on
    for name in ("tp", "exact", "ids", "locale", "tokens"):
        ours, theirs = getattr(evaluation.statistics, name), getattr(stats.statistics, name)
        assert (ours == theirs).all()
    aligned = load_labels(tmp_path / "labels.npz")
    assert (aligned.predicted.labels == evaluation.aligned.predicted.labels).all()
    assert aligned.gold.inventory == evaluation.aligned.gold.inventory
    replicates = load_replicates(tmp_path / "stats.npz")
    assert replicates is not None
    estimate = known(evaluation.scores.averages["macro_genera"].slot_f1)
    assert replicates.score("average:macro_genera", "slot_f1") == pytest.approx(estimate.value)
    drawn = replicates.scores("average:macro_genera", "slot_f1")
    assert np.quantile(drawn, 0.025) == pytest.approx(estimate.low, abs=1e-6)
    with np.load(tmp_path / "stats.npz", allow_pickle=False) as arrays:
        assert {"locales", "locale", "ids", "weights", "replicate_keys"} <= set(arrays.files)


def test_equal_results_make_equal_files(evaluation: Evaluation, tmp_path: Path) -> None:
    evaluation.save(tmp_path / "a")
    evaluation.save(tmp_path / "b")
    for name in ("scores.json", "stats.npz", "labels.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_files_of_another_kind_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="eval --out"):
        load_stats_file(tmp_path)
    (tmp_path / "stats.npz").write_bytes(b"PK no zip")
    with pytest.raises(MassiveKitError, match="cannot be read"):
        load_stats_file(tmp_path)
    write_arrays(tmp_path / "stats.npz", {"some": np.zeros(3)})
    with pytest.raises(MassiveKitError, match="does not say what it is of"):
        load_stats_file(tmp_path)
    with pytest.raises(MassiveKitError, match="it lacks locales"):
        SufficientStatistics.of_arrays(read_arrays(tmp_path / "stats.npz"), "stats.npz")


def test_pickles_are_never_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "stats.npz", about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(MassiveKitError, match="cannot be read"):
        load_stats_file(tmp_path)


def test_the_signature_names_what_changes_a_score(
    evaluation: Evaluation, gold: LabelColumns, task_data: TaskData
) -> None:
    signature = evaluation.scores.signature
    for part in ("task:demo-full", "split:test", "compat:no", "resamples:200", "seed:0"):
        assert part in signature.split("|")
    assert evaluation.scores.data.hash in signature
    other = evaluate(gold, gold, task_data, resamples=200, seed=1).scores.signature
    assert other != signature
    # The system is no part of it: two systems scored alike have one signature.
    assert evaluate(gold, gold, task_data, resamples=200).scores.signature == signature


def test_a_locale_of_unknown_genus_stands_for_itself() -> None:
    table = LanguageTable.shipped()
    locales = ("de-DE", "nl-NL", "xx-XX", "yy-YY")
    assert genus_members(table, locales) == [("de-DE", "nl-NL"), ("xx-XX",), ("yy-YY",)]
    scopes = Scopes.by_columns(table, locales, locales, ["genus"])
    assert scopes.matrix.sum(axis=1) == pytest.approx(1)
    scores = scopes.spread(np.array([1.0, 1.0, 0.0, 0.0]), np.array(0.75))
    by_scope = dict(zip(scopes.names, scores.tolist(), strict=True))
    assert by_scope[Scope("average", "macro_genera")] == pytest.approx(1 / 3)
    assert by_scope[Scope("average", "macro_locales")] == 0.5
    assert by_scope[Scope("average", "pooled")] == 0.75
    assert by_scope[Scope("genus", "Germanic")] == 1
    assert scopes.positions[Scope("locale", "xx-XX")] == 2


def test_seeds_give_mean_and_standard_deviation(gold: LabelColumns, task_data: TaskData) -> None:
    runs = [
        evaluate(gold, spoilt(gold, seed=seed), task_data, resamples=0).scores for seed in range(3)
    ]
    spread = known(over_seeds(runs).averages["pooled"].slot_f1)
    values = [known(run.averages["pooled"].slot_f1).value for run in runs]
    assert spread.values == values
    assert spread.mean == pytest.approx(np.mean(values))
    assert spread.sd == pytest.approx(np.std(values, ddof=1))
    assert spread.sd > 0
    with pytest.raises(UsageError, match="two runs"):
        over_seeds(runs[:1])
    with pytest.raises(UsageError, match="not scored alike"):
        over_seeds([runs[0], runs[1].model_copy(update={"task": "another"})])
