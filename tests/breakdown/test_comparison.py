"""Paired tests: against a plain loop, on made-up systems, and what may not be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.breakdown.comparison import Comparison, compare
from massive_kit.breakdown.comparison_views import all_tests, comparison_tables, in_words
from massive_kit.breakdown.rank_bands import rank_bands
from massive_kit.breakdown.replicate_comparison import (
    Replicates,
    load_replicates,
    paired_differences,
)
from massive_kit.data.label_columns import LabelColumns
from massive_kit.errors import ContentError, MissingDataError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef
from massive_kit.scoring.evaluation import Context, evaluate_labels
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.significance import Sums, holm, paired_tests
from massive_kit.scoring.statistics import count
from tests.known import known
from tests.scoring.corpora import random_pair

LOCALES = ("de-DE", "nl-NL", "ja-JP", "ko-KR")
ROWS = 300
CONTEXT = Context(
    task="made-up",
    setting="full",
    data=DataRef(name="made-up", version="", hash="0123", partition="test"),
    languages=LanguageTable.shipped(),
    averaged=LOCALES,
)


def _named(columns: LabelColumns) -> LabelColumns:
    return replace(columns, locales=LOCALES)


def _systems() -> tuple[LabelColumns, LabelColumns, LabelColumns]:
    """Gold, a system, and one that is better in all locales but ja-JP, where it is worse."""
    gold, predicted = map(_named, random_pair(len(LOCALES), ROWS, seed=3, quality=0.6))
    generator = np.random.default_rng(4)
    intents = predicted.intents.copy()
    mended = (generator.random(len(intents)) < 0.5) & (predicted.locale != 2)
    intents[mended] = gold.intents[mended]
    broken = (generator.random(len(intents)) < 0.4) & (predicted.locale == 2)
    intents[broken] = (gold.intents[broken] + 1) % len(gold.inventory.intents)
    return gold, predicted, replace(predicted, intents=intents)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("systems")
    gold, first, second = _systems()
    for name, predicted in (("first", first), ("second", second)):
        evaluate_labels(CONTEXT, gold, predicted, resamples=400).save(root / name)
    return root / "first", root / "second"


@pytest.fixture(scope="module")
def comparison(folders: tuple[Path, Path]) -> Comparison:
    (comparison,) = compare(folders, resamples=1000)
    return comparison


def test_the_words_are_those_of_the_tests(comparison: Comparison) -> None:
    words = {
        locale: in_words([test for test in comparison.of("locale") if test.key == locale])
        for locale in LOCALES
    }
    assert words["ja-JP"].startswith("worse in intent acc")
    for locale in ("de-DE", "nl-NL", "ko-KR"):
        assert words[locale].startswith("better in intent acc")
        assert "slot F1" not in words[locale]


def test_a_regression_is_told_although_the_average_rose(comparison: Comparison) -> None:
    (mean,) = [
        test for test in comparison.of("average", "intent_accuracy") if test.key == "macro_locales"
    ]
    assert mean.verdict == "better"
    assert [test.key for test in comparison.regressions("intent_accuracy")] == ["ja-JP"]


def test_flips_are_counted(comparison: Comparison) -> None:
    gold, first, second = _systems()
    before, after = count(gold, first), count(gold, second)
    lost = before.exact & ~after.exact
    (japanese,) = [flip for flip in comparison.flips if flip.key == "ja-JP"]
    assert japanese.lost == pytest.approx(lost[gold.locale == 2].mean())
    assert japanese.intents_won == 0
    (pooled,) = [flip for flip in comparison.flips if flip.key == "pooled"]
    assert pooled.lost == pytest.approx(lost.mean())
    gained = after.intent_right.mean() - before.intent_right.mean()
    assert known(pooled.intents_won) - known(pooled.intents_lost) == pytest.approx(gained)


def test_the_tables_render(comparison: Comparison) -> None:
    tables = comparison_tables(comparison)
    assert [table.key for table in tables][:1] == ["locale"]
    assert tables[-1].rows[0][:2] == ("intent acc", "ja-JP")
    assert len(all_tests(comparison).rows) == len(comparison.tests)


def test_a_system_against_itself_shows_nothing(folders: tuple[Path, Path]) -> None:
    (same,) = compare([folders[0], folders[0]], resamples=200)
    assert {test.p for test in same.tests} == {1.0}
    assert {test.verdict for test in same.tests} == {"no difference shown"}
    assert {flip.lost for flip in same.flips} == {0.0}


def test_holm_also_runs_over_the_systems_compared(folders: tuple[Path, Path]) -> None:
    first, second = folders
    two = compare([first, second, first], resamples=200)
    (alone,) = compare([first, second], resamples=200)
    assert [comparison.second for comparison in two] != [alone.second]
    for ours, theirs in zip(two[0].of("locale"), alone.of("locale"), strict=True):
        assert ours.p == theirs.p
        assert ours.p_holm >= theirs.p_holm


def test_a_large_difference_survives_holm_over_more_tests_than_resamples_serve(
    folders: tuple[Path, Path],
) -> None:
    first, second = folders
    few, _ = compare([first, second, first], resamples=100)
    many, _ = compare([first, second, first], resamples=1000)
    assert few.tails
    assert not many.tails
    assert [test.key for test in few.regressions("intent_accuracy")] == ["ja-JP"]
    for seen, expected in zip(few.of("average"), many.of("average"), strict=True):
        assert seen.p >= 1 / 101
        assert seen.verdict == expected.verdict
    (locales,) = [table for table in comparison_tables(few) if table.key == "locale"]
    assert "Holm over all rows of all systems compared" in locales.notes[0]
    assert "standard error" in locales.notes[0]


def test_the_tail_bounds_the_exact_randomisation_test() -> None:
    # Of 20 rows with one sign each, two of 2 ** 20 swaps give a difference as large.
    gold, _ = random_pair(1, 20, seed=5, quality=1.0)
    wrong = replace(gold, intents=(gold.intents + 1) % len(gold.inventory.intents))

    def scorer(sums: Sums) -> dict[str, np.ndarray]:
        return {metric.name: metric(sums) for metric in MAIN}

    test = paired_tests(count(gold, gold), count(gold, wrong), MAIN, scorer, resamples=1000)
    accuracy = test["intent_accuracy"]
    assert accuracy.p[0] == pytest.approx(1 / 1001)
    assert 2 / 2**20 <= accuracy.p_tail[0] < 1 / 1001
    assert test["slot_f1"].p_tail[0] == 1.0


def test_the_randomisation_test_is_that_of_a_plain_loop() -> None:
    gold, first, second = _systems()
    a, b = count(gold, first), count(gold, second)

    def scorer(sums: Sums) -> dict[str, np.ndarray]:
        return {metric.name: metric(sums) for metric in MAIN}

    tests = paired_tests(a, b, MAIN, scorer, resamples=400, seed=0)
    generator = np.random.default_rng(9)
    rows = np.flatnonzero(gold.locale == 0)
    right = a.intent_right[rows].astype(float), b.intent_right[rows].astype(float)
    slot = a.tp[rows], a.predicted[rows], b.tp[rows], b.predicted[rows], a.gold[rows]

    def f1(tp: np.ndarray, predicted: np.ndarray) -> float:
        return float(2 * tp.sum() / (predicted.sum() + slot[4].sum()))

    larger = {"intent_accuracy": 0, "slot_f1": 0}
    observed = {
        "intent_accuracy": abs(right[1].mean() - right[0].mean()),
        "slot_f1": abs(f1(slot[2], slot[3]) - f1(slot[0], slot[1])),
    }
    for _ in range(400):
        swap = generator.random(len(rows)) < 0.5
        low, high = np.where(swap, right[1], right[0]), np.where(swap, right[0], right[1])
        larger["intent_accuracy"] += (
            abs(high.mean() - low.mean()) >= observed["intent_accuracy"] - 1e-12
        )
        tp = np.where(swap, slot[2], slot[0]), np.where(swap, slot[0], slot[2])
        spans = np.where(swap, slot[3], slot[1]), np.where(swap, slot[1], slot[3])
        gap = abs(f1(tp[1], spans[1]) - f1(tp[0], spans[0]))
        larger["slot_f1"] += gap >= observed["slot_f1"]
    for name, times in larger.items():
        assert tests[name].p[0] == pytest.approx((times + 1) / 401, abs=0.08)
    assert tests["intent_accuracy"].p[0] == pytest.approx(1 / 401)


def test_p_values_are_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    gold, first = random_pair(1, 250, seed=11, quality=0.70)
    _, second = random_pair(1, 250, seed=11, quality=0.70)
    generator = np.random.default_rng(12)
    labels = second.labels.copy()
    mended = generator.random(len(labels)) < 0.02
    labels[mended] = gold.labels[mended]
    a, b = count(gold, first), count(gold, replace(second, labels=labels))

    def scorer(sums: Sums) -> dict[str, np.ndarray]:
        return {metric.name: metric(sums) for metric in MAIN}

    ours = paired_tests(a, b, MAIN, scorer, resamples=4000)["exact_match"]
    theirs = stats.permutation_test(
        (a.exact.astype(float), b.exact.astype(float)),
        lambda x, y, axis: y.mean(axis=axis) - x.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=4000,
        rng=np.random.default_rng(0),
    )
    assert ours.p[0] == pytest.approx(theirs.pvalue, abs=0.04)


def test_holm_is_that_of_the_book() -> None:
    # Holm (1979): 0.01, 0.02, 0.03, 0.04 -> 4 * 0.01, 3 * 0.02, then never falling.
    adjusted = holm(np.array([0.04, 0.01, 0.03, 0.02]))
    assert adjusted == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm(np.array([])).shape == (0,)
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"task": "another", "averaged": LOCALES[:3]},
            "averages over 3 locales in 2 genera (another)",
        ),
        ({"data": CONTEXT.data.model_copy(update={"hash": "4567"})}, "data hash 4567"),
        ({"data": CONTEXT.data.model_copy(update={"partition": "dev"})}, "split dev"),
        ({"compat": "alexa"}, "compat alexa"),
    ],
)
def test_unlike_things_are_not_compared(
    change: dict[str, object], message: str, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    gold, predicted, _ = _systems()
    context = replace(CONTEXT, **change)  # type: ignore[arg-type]
    evaluate_labels(context, gold, predicted, resamples=0).save(tmp_path)
    with pytest.raises(ContentError, match="cannot be compared") as caught:
        compare([folders[0], tmp_path])
    assert message in str(caught.value.problems[0])


def test_tasks_that_score_the_same_rows_are_compared_and_told_apart(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    gold, _, predicted = _systems()
    context = replace(CONTEXT, task="another", setting="zero-shot-strict")
    evaluation = evaluate_labels(context, gold, predicted, resamples=0)
    scored_on = evaluation.scored_on.model_copy(update={"resources": ["lexicon", "morphology"]})
    replace(evaluation, scored_on=scored_on).save(tmp_path / "open")
    (comparison,) = compare([folders[0], tmp_path / "open"], resamples=100)
    (within,) = compare(folders, resamples=100)
    assert comparison.tests == within.tests
    systems, *others = comparison_tables(comparison)
    assert systems.rows == (
        ("first", "made-up", "full", "not known"),
        ("open", "another", "zero-shot-strict", "lexicon, morphology"),
    )
    assert "systems" not in [table.key for table in (*others, *comparison_tables(within))]


def test_of_one_task_other_resources_are_told(folders: tuple[Path, Path], tmp_path: Path) -> None:
    gold, predicted, _ = _systems()
    evaluation = evaluate_labels(CONTEXT, gold, predicted, resamples=0)
    for name in ("morphology", "lexicon", "lexicon"):
        scored_on = evaluation.scored_on.model_copy(update={"resources": [name]})
        replace(evaluation, scored_on=scored_on).save(tmp_path / name)
    unlike, like = compare(
        [tmp_path / "lexicon", tmp_path / "morphology", tmp_path / "lexicon"], resamples=100
    )
    assert "lexicon" in str(comparison_tables(unlike)[0].rows[0])
    assert comparison_tables(like)[0].key == "locale"


def test_other_utterances_are_not_compared(folders: tuple[Path, Path], tmp_path: Path) -> None:
    gold, predicted, _ = _systems()
    ids = np.array([f"x{name}" for name in gold.ids], object)
    renamed = replace(predicted, ids=ids)
    evaluate_labels(CONTEXT, replace(gold, ids=ids), renamed, resamples=0).save(tmp_path)
    with pytest.raises(ContentError) as caught:
        compare([folders[0], tmp_path])
    assert "other utterances" in str(caught.value.problems[0])


def test_a_folder_without_statistics_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"stats\.npz not found"):
        compare([tmp_path, tmp_path])


def _replicates(folders: tuple[Path, Path]) -> tuple[Replicates, Replicates]:
    first, second = (load_replicates(folder / "stats.npz") for folder in folders)
    assert first is not None
    assert second is not None
    return first, second


def test_stored_replicates_tell_the_same(
    folders: tuple[Path, Path], comparison: Comparison
) -> None:
    differences = paired_differences(*_replicates(folders))
    tests = {(each.key, each.metric): each for each in comparison.tests}
    for difference in differences:
        test = tests[difference.key.partition(":")[2], difference.metric]
        assert difference.difference == pytest.approx(test.difference, abs=1e-9)
        assert difference.low == pytest.approx(test.low, abs=0.02)
        assert difference.high == pytest.approx(test.high, abs=0.02)
        assert difference.p_holm >= difference.p
        # With other utterances in the tails only far from the threshold.
        if test.p_holm < 0.005 or test.p_holm > 0.3:
            assert difference.significant == (test.verdict != "no difference shown"), difference


def test_rank_bands_widen_where_systems_tie(folders: tuple[Path, Path]) -> None:
    first, second = _replicates(folders)
    systems = {"a": first, "b": second, "c": first}
    bands = rank_bands(systems, "average:pooled", "intent_accuracy")
    assert [(band.system, band.rank, band.best, band.worst) for band in bands] == [
        ("b", 1, 1, 1),
        ("a", 2, 2, 3),
        ("c", 2, 2, 3),
    ]
    tied = rank_bands(systems, "average:pooled", "slot_f1")
    assert {(band.rank, band.best, band.worst) for band in tied} == {(1, 1, 3)}


def test_replicates_of_another_draw_are_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    gold, predicted, _ = _systems()
    evaluate_labels(CONTEXT, gold, predicted, resamples=400, seed=1).save(tmp_path)
    drawn_apart = load_replicates(tmp_path / "stats.npz")
    assert drawn_apart is not None
    first, _ = _replicates(folders)
    assert not first.comparable(drawn_apart)
    with pytest.raises(UsageError, match="not resampled alike"):
        paired_differences(first, drawn_apart)
    with pytest.raises(KeyError):
        first.score("locale:xx-XX", "slot_f1")


def test_no_replicates_are_no_replicates(tmp_path: Path) -> None:
    gold, predicted, _ = _systems()
    evaluate_labels(CONTEXT, gold, predicted, resamples=0).save(tmp_path)
    assert load_replicates(tmp_path / "stats.npz") is None


def test_a_difference_that_never_varies_is_not_tested() -> None:
    keys = ("locale:fr-FR",)
    perfect, hopeless = (
        Replicates(keys, np.full((1, 3), score), np.full((50, 1, 3), score, np.float32), "draw")
        for score in (1.0, 0.0)
    )
    assert paired_differences(hopeless, perfect) == []
    assert {test.p for test in paired_differences(perfect, perfect)} == {1.0}
    bands = rank_bands({"a": perfect, "b": hopeless}, keys[0], "exact_match")
    assert [(band.best, band.worst) for band in bands] == [(1, 2), (1, 2)]


def test_a_perfect_system_can_be_compared(tmp_path: Path) -> None:
    # The mean of 18 ones is a rounding error above one.
    locales = tuple(sorted(LanguageTable.shipped().languages))[:18]
    context = replace(CONTEXT, averaged=locales)
    gold, _ = (
        replace(columns, locales=locales) for columns in random_pair(18, 6, seed=1, quality=1.0)
    )
    wrong = replace(gold, intents=(gold.intents + 1) % len(gold.inventory.intents))
    evaluate_labels(context, gold, wrong, resamples=50).save(tmp_path / "wrong")
    evaluate_labels(context, gold, gold, resamples=50).save(tmp_path / "gold")
    for names in (("wrong", "gold"), ("gold", "wrong")):
        (comparison,) = compare([tmp_path / name for name in names], resamples=100)
        assert max(abs(test.difference) for test in comparison.tests) > 1
        assert comparison_tables(comparison)
        assert all_tests(comparison).rows
