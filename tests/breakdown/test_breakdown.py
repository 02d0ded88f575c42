"""Facets, errors, confusion, correlation and transfer, on labels small enough to count by hand."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from massive_kit.breakdown.confusion import NO_SLOT, confusion, confusion_table
from massive_kit.breakdown.correlation import permutation_p
from massive_kit.breakdown.examples import examples
from massive_kit.breakdown.facets import facet_table, utterance_facet
from massive_kit.breakdown.request import Request
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.breakdown.slot_errors import KINDS, error_table, slot_errors
from massive_kit.breakdown.tables import Table
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ContentError, MassiveKitError, MissingDataError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef, Difference, Estimate
from massive_kit.schema.task import load_task
from massive_kit.scoring.alignment import Aligned, align
from massive_kit.scoring.evaluation import Context, evaluate, evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, label_columns
from massive_kit.scoring.rank_correlation import pearson, ranks
from tests.scoring.corpora import INVENTORY, pairs, random_pair

X, D, T, A = "Other", "date", "time", "artist"


def _aligned(*rows: tuple[list[str], list[str]]) -> Aligned:
    def columns(side: int) -> LabelColumns:
        return label_columns(
            INVENTORY,
            [LabelledRow("en-US", str(i), "alarm_set", row[side]) for i, row in enumerate(rows)],
        )

    return align(columns(0), columns(1))


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ([X, D, D, X], [X, D, D, X], ["right"]),
        ([X, D, D, X], [X, T, T, X], ["type"]),
        ([X, D, D, X], [X, X, D, X], ["boundary"]),
        ([X, D, D, X], [T, T, X, X], ["both"]),
        ([X, D, D, X], [X, X, X, X], ["missed"]),
        ([X, X, X, X], [X, D, D, X], ["spurious"]),
        # Right slot goes before wrong slot, whichever comes first.
        ([D, D, D, X], [T, D, D, X], ["boundary", "spurious"]),
        ([D, T, T, X], [D, D, D, X], ["boundary", "missed"]),
        ([D, D, A, A], [T, T, D, D], ["type", "type"]),
        ([D, X, D, X], [D, D, D, X], ["boundary", "missed"]),
    ],
)
def test_each_slot_is_one_kind_of_error(
    gold: list[str], predicted: list[str], kinds: list[str]
) -> None:
    errors = slot_errors(_aligned((gold, predicted)))
    assert sorted(KINDS[i] for i in errors.kind) == sorted(kinds)


@settings(max_examples=60, deadline=None)
@given(pairs())
def test_every_span_is_counted_once(both: tuple[LabelColumns, LabelColumns]) -> None:
    aligned = align(*both)
    errors = slot_errors(aligned)
    gold, predicted = errors.gold[errors.gold >= 0], errors.predicted[errors.predicted >= 0]
    assert sorted(gold.tolist()) == list(range(len(aligned.gold_spans)))
    assert sorted(predicted.tolist()) == list(range(len(aligned.predicted_spans)))
    assert (errors.kind == 0).sum() == aligned.matches.right.sum()
    assert (errors.kind == 1).sum() == (aligned.matches.boundary & ~aligned.matches.right).sum()


def test_the_table_of_errors_adds_up() -> None:
    aligned = _aligned(([X, D, D, X], [X, X, D, X]), ([X, X], [D, X]), ([T, X], [T, X]))
    table = error_table(aligned, ("en-US",))
    assert table.rows[0] == ("en-US", 1, 0, 1, 0, 0, 1, Estimate(value=0.5))
    assert table.rows[1][1:] == table.rows[0][1:]


def test_slots_are_confused_with_slots_and_with_nothing() -> None:
    aligned = _aligned(([D, X], [T, X]), ([D, X], [T, X]), ([X, X], [A, X]), ([D, X], [D, X]))
    rows = np.arange(4)
    table = confusion_table(confusion("slot", aligned, rows))
    assert table.rows[0] == ("date", "time", 2, Estimate(value=2 / 3))
    assert table.rows[1] == (NO_SLOT, "artist", 1, None)
    assert confusion("slot", aligned, rows[:1]).counts.sum() == 1


def test_confusion_is_scikit_learns() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, predicted = random_pair(2, 150, seed=5)
    intents = confusion("intent", align(gold, predicted), np.arange(len(gold)))
    theirs = sklearn.confusion_matrix(gold.intents, predicted.intents)
    assert (intents.counts == theirs).all()
    scenarios = confusion("scenario", align(gold, predicted), np.arange(len(gold)))
    assert scenarios.names == ("alarm", "play")
    # The intent without a scenario is in no cell.
    assert scenarios.counts.sum() == ((gold.intents != 2) & (predicted.intents != 2)).sum()


def test_facets_divide_all_utterances() -> None:
    gold, predicted = random_pair(2, 200, seed=6)
    aligned = align(gold, predicted)
    rows = np.arange(len(gold))
    for name in ("intent", "length", "slots"):
        table = facet_table(utterance_facet(name, aligned), aligned, rows, resamples=20, seed=0)
        assert sum(row[1] for row in table.rows if isinstance(row[1], int)) == len(gold)
    lengths = utterance_facet("length", aligned)
    assert lengths.values[lengths.codes[0]].startswith(
        {1: "1 to", 4: "4 to", 7: "7 to", 10: "10 to"}[
            max(start for start in (1, 4, 7, 10) if start <= gold.token_counts[0])
        ]
    )


def test_an_intent_facets_accuracy_is_its_recall() -> None:
    gold, predicted = random_pair(1, 300, seed=7)
    aligned = align(gold, predicted)
    facet = utterance_facet("intent", aligned)
    table = facet_table(facet, aligned, np.arange(len(gold)), resamples=0, seed=0)
    (row,) = [row for row in table.rows if row[0] == "play_music"]
    chosen = gold.intents == gold.inventory.intents.index("play_music")
    assert row[1] == chosen.sum()
    estimate = row[2]
    assert isinstance(estimate, Estimate)
    assert estimate.value == (predicted.intents[chosen] == gold.intents[chosen]).mean()


def test_correlations_are_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    generator = np.random.default_rng(0)
    x = generator.integers(0, 9, 40).astype(float)
    y = x + generator.normal(scale=6, size=40)
    theirs = stats.pearsonr(x, y)
    assert pearson(x, y) == pytest.approx(theirs.statistic)
    assert permutation_p(x, y, 0) == pytest.approx(theirs.pvalue, abs=0.02)
    assert pearson(ranks(x), ranks(y)) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert ranks(x) == pytest.approx(stats.rankdata(x))
    assert pearson(np.ones(5), y[:5]) == 0


@pytest.fixture(scope="module")
def result(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> SavedEvaluation:
    """The demo corpus, all right but for ja-JP, where every slot is missed."""
    task_data = lay_task(load_task("demo-full"), demo_store)
    gold = demo_store.label_columns("test", task_data.test.locales)
    labels = gold.labels.copy()
    japanese = np.repeat(gold.locale == gold.locales.index("ja-JP"), gold.token_counts)
    labels[japanese] = 0
    folder = tmp_path_factory.mktemp("result")
    task = task_data.task.model_copy(update={"source_locale": "en-US"})
    task_data = replace(task_data, task=task)
    evaluate(gold, replace(gold, labels=labels), task_data, resamples=100).save(folder)
    return SavedEvaluation.open(folder, None)


def test_any_column_of_the_languages_divides(result: SavedEvaluation) -> None:
    (stored, fresh) = Request(result).by(["script", "scoring_unit"])
    assert {str(row[0]) for row in fresh.rows} == {"word", "character"}
    (japanese,) = [row for row in stored.rows if str(row[0]).startswith("Jpan")]
    assert japanese[0] == "Jpan †"
    assert isinstance(japanese[3], Estimate)
    assert japanese[3].value == 0


def test_a_csv_of_ones_own_adds_columns(result: SavedEvaluation, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("locale,speakers,kind\nde-DE,90,big\nen-US,300,big\nis-IS,0.3,small\n")
    extended = replace(result, languages=LanguageTable.load(path))
    (table,) = Request(extended).by(["kind"])
    assert [row[:2] for row in table.rows][:2] == [("big", 2), ("small †", 1)]
    assert Request(extended).correlation("speakers").rows[0][1] == 3
    with pytest.raises(UsageError, match="not a number"):
        Request(extended).correlation("kind")
    with pytest.raises(UsageError, match="no column"):
        Request(extended).correlation("nothing")


@pytest.mark.parametrize("counted", [True, False])
def test_a_csv_of_ones_own_changes_columns(
    result: SavedEvaluation, tmp_path: Path, counted: bool
) -> None:
    if not counted:
        shutil.copy(result.folder / "scores.json", tmp_path)
    path = tmp_path / "other.csv"
    path.write_text("locale,script\nde-DE,Runr\n")
    folder = result.folder if counted else tmp_path
    (table,) = Request(SavedEvaluation.open(folder, path), resamples=20).by(["script"])
    assert ("Runr †", 1) in [row[:2] for row in table.rows]


def test_a_table_of_slots_says_which_locales_it_is_of(result: SavedEvaluation) -> None:
    (all_of_them,) = Request(result).by(["slot"])
    (german,) = Request(result, only=("de-DE",)).by(["slot"])
    assert all_of_them.title == "By slot, pooled over the averaged locales"
    assert german.title == "By slot, pooled over de-DE"


def test_scores_without_counts_still_group(result: SavedEvaluation, tmp_path: Path) -> None:
    shutil.copy(result.folder / "scores.json", tmp_path)
    published = SavedEvaluation.open(tmp_path)
    (ours,) = Request(result).by(["word_order"])
    (plain,) = Request(published).by(["word_order"])
    for full_row, bare_row in zip(ours.rows, plain.rows, strict=True):
        assert full_row[:2] == bare_row[:2]
        for full, bare in zip(full_row[2:], bare_row[2:], strict=True):
            assert isinstance(full, Estimate)
            assert isinstance(bare, Estimate)
            assert bare.value == pytest.approx(full.value, abs=1e-12)
            assert bare.low is None
    with pytest.raises(MissingDataError, match=r"labels\.npz not found"):
        Request(published).by(["length"])


def test_seen_and_unseen_in_training(result: SavedEvaluation, demo_store: Store) -> None:
    request = Request(result, only=("de-DE",), resamples=20, data=str(demo_store.path))
    seen, values = request.by(["seen", "values"])
    known = set(demo_store.read("train", ["de-DE"], ["utt"]).column("utt").to_pylist())
    texts = demo_store.read("test", ["de-DE"], ["utt"]).column("utt").to_pylist()
    counts = {row[0]: row[1] for row in seen.rows}
    assert counts.get("seen in train", 0) == sum(text in known for text in texts)
    assert sum(n for n in counts.values() if isinstance(n, int)) == len(texts)
    assert {row[0] for row in values.rows} <= {
        "all values seen in train",
        "some value unseen",
        "no slots",
    }


def test_other_data_than_those_scored_are_refused(
    result: SavedEvaluation, demo_store: Store
) -> None:
    scores = result.scores
    other = scores.data.model_copy(update={"hash": "0" * 16})
    changed = SavedEvaluation(result.folder, result.languages)
    vars(changed)["scores"] = scores.model_copy(update={"data": other})
    request = Request(changed, data=str(demo_store.path))
    with pytest.raises(UsageError, match="is not the one that was scored"):
        request.by(["seen"])


def test_transfer_is_absolute_and_relative(result: SavedEvaluation) -> None:
    locales, scripts = Request(result, resamples=50).transfer(None, ("script",))
    (japanese,) = [row for row in locales.rows if row[0] == "ja-JP"]
    gap = japanese[3]
    assert isinstance(gap, Difference)
    assert (gap.value, japanese[4]) == (-1, "-100 %")
    assert "en-US" not in [row[0] for row in locales.rows]
    (latin,) = [row for row in scripts.rows if row[0] == "Latn"]
    assert latin[2] == Difference(value=0, low=0, high=0)


def test_transfer_is_of_the_locales_asked_for(result: SavedEvaluation) -> None:
    request = Request(result, only=("ja-JP", "en-US"), resamples=20)
    locales, scripts = request.transfer(None, ("script",))
    assert [row[0] for row in locales.rows] == ["ja-JP"]
    assert [row[:2] for row in scripts.rows] == [("Jpan †", 1)]
    with pytest.raises(UsageError, match="en-US has no gap to en-US"):
        Request(result, only=("en-US",), resamples=0).transfer(None, ())


def test_a_relative_gap_is_one_to_the_score_on_the_shared_rows(tmp_path: Path) -> None:
    # English is right in both rows that German has, and wrong in its two others.
    english = [("en-US", str(i), i < 2) for i in range(4)]
    german = [("de-DE", "0", True), ("de-DE", "1", False)]
    intents = INVENTORY.intents[:2]
    gold, predicted = (
        label_columns(
            INVENTORY,
            [
                LabelledRow(locale, name, intents[int(side and not right)], [X])
                for locale, name, right in (*german, *english)
            ],
        )
        for side in (False, True)
    )
    context = Context(
        task="made-up",
        setting="full",
        data=DataRef(name="made-up", version="", hash="0123", partition="test"),
        languages=LanguageTable.shipped(),
        averaged=("de-DE", "en-US"),
        source_locale="en-US",
    )
    evaluate_labels(context, gold, predicted, resamples=0).save(tmp_path)
    saved = SavedEvaluation.open(tmp_path)
    locales, genera = Request(saved, resamples=0).transfer(None, ("genus",))
    assert [row[:3] for row in locales.rows] == [("de-DE", Difference(value=-0.5), "-50 %")]
    assert genera.rows[0][2:4] == (Difference(value=-0.5), "-50 %")


def test_transfer_from_scores_of_other_data_is_refused(result: SavedEvaluation) -> None:
    scores = result.scores
    other = scores.data.model_copy(update={"version": "1.1"})
    source = SavedEvaluation(result.folder, result.languages)
    vars(source)["scores"] = scores.model_copy(update={"data": other, "compat": "alexa"})
    with pytest.raises(ContentError, match="no transfer can be measured") as caught:
        Request(result, resamples=0).transfer(source, ())
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is not JSON"), ('{"format": 1}', "task: Field required"), ("3", "the file: Input")],
)
def test_damaged_scores_are_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text(text, encoding="utf-8")
    with pytest.raises(MassiveKitError, match=message) as caught:
        _ = SavedEvaluation.open(tmp_path).scores
    assert "pydantic" not in str(caught.value)


def test_examples_show_gold_and_prediction(result: SavedEvaluation, demo_store: Store) -> None:
    chosen = examples(result.aligned, demo_store, "test", ("ja-JP",), 5)
    assert len(chosen) == 5
    for example in chosen:
        assert set(example.kinds) == {"missed"}
        assert "".join(span.text for span in example.gold) == "".join(
            span.text for span in example.predicted
        )
        assert any(span.slot and not span.right for span in example.gold)
        assert not any(span.slot for span in example.predicted)
    again = examples(result.aligned, demo_store, "test", ("ja-JP",), 5)
    assert again == chosen
    assert not examples(result.aligned, demo_store, "test", ("de-DE",), 5)
    assert not examples(result.aligned, demo_store, "test", ("ja-JP",), 5, kind="spurious")


def test_what_is_not_there_is_told(result: SavedEvaluation, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="eval FILE --task TASK --out"):
        SavedEvaluation.open(tmp_path)
    with pytest.raises(UsageError, match="cannot break down by 'colour'; there are intent"):
        Request(result).by(["colour"])
    with pytest.raises(UsageError, match="xx-XX was not scored"):
        Request(result, only=("xx-XX",)).by(["length"])


def test_slots_by_name(result: SavedEvaluation) -> None:
    (table,) = Request(result, only=("ja-JP",)).by(["slot"])
    assert isinstance(table, Table)
    assert all(row[2] == 0 for row in table.rows)
    (table,) = Request(result, only=("de-DE",)).by(["slot"])
    assert all(row[5] == Estimate(value=1.0) for row in table.rows)
