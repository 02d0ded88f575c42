"""Our counters against seqeval, scikit-learn and nervaluate on the same labels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from massive_kit.data.label_columns import LabelColumns
from massive_kit.scoring.alignment import align
from massive_kit.scoring.cross_check import iob2
from massive_kit.scoring.metrics import METRICS
from massive_kit.scoring.reports import intent_counts, slot_counts
from massive_kit.scoring.statistics import count
from tests.scoring.corpora import INVENTORY, pairs, random_pair

seqeval = pytest.importorskip("seqeval.metrics")
sklearn = pytest.importorskip("sklearn.metrics")
nervaluate = pytest.importorskip("nervaluate.strategies")
entities = pytest.importorskip("nervaluate.entities")

RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_BY_NAME = {metric.name: metric for metric in METRICS}
EVERYTHING = np.array([0, 1, 2])


def _value(name: str, gold: LabelColumns, predicted: LabelColumns) -> float:
    metric = _BY_NAME[name]
    statistics = count(gold, predicted)
    return float(metric({column: statistics.sums(column).sum() for column in metric.columns}))


def _zero_for_nothing(ours: float, gold: LabelColumns, predicted: LabelColumns) -> float:
    """The tools give 0 where neither side has a slot, which is where our score is not defined."""
    assert np.isnan(ours) == (not (gold.labels.any() or predicted.labels.any()))
    return 0.0 if np.isnan(ours) else ours


def _tags(columns: LabelColumns) -> list[list[str]]:
    return [iob2(columns.row_labels(row), columns.inventory.scheme) for row in range(len(columns))]


def _quiet(function: object, *arguments: object, **options: object) -> float:
    with warnings.catch_warnings():
        # seqeval warns where there is nothing to count; that is a case, not a fault.
        warnings.simplefilter("ignore")
        return float(function(*arguments, **options))  # type: ignore[operator]


@RELAXED
@given(pairs())
def test_slot_f1_is_seqevals_default(both: tuple[LabelColumns, LabelColumns]) -> None:
    gold, predicted = both
    true, guess = _tags(gold), _tags(predicted)
    for name, function in (
        ("slot_f1", seqeval.f1_score),
        ("slot_precision", seqeval.precision_score),
        ("slot_recall", seqeval.recall_score),
    ):
        ours = _zero_for_nothing(_value(name, gold, predicted), gold, predicted)
        assert ours == pytest.approx(_quiet(function, true, guess), abs=1e-12)


@RELAXED
@given(pairs())
def test_slot_f1_is_seqevals_strict_iob2_too(both: tuple[LabelColumns, LabelColumns]) -> None:
    # On bracket spans every span begins with B, so that strict and default mode see the same.
    from seqeval.scheme import IOB2

    gold, predicted = both
    strict = _quiet(seqeval.f1_score, _tags(gold), _tags(predicted), mode="strict", scheme=IOB2)
    ours = _zero_for_nothing(_value("slot_f1", gold, predicted), gold, predicted)
    assert ours == pytest.approx(strict, abs=1e-12)


@RELAXED
@given(pairs())
def test_macro_over_slots_is_seqevals_macro(both: tuple[LabelColumns, LabelColumns]) -> None:
    gold, predicted = both
    everything = np.arange(len(gold.locales))
    ours = slot_counts(align(gold, predicted)).macro_f1(everything)
    theirs = _quiet(seqeval.f1_score, _tags(gold), _tags(predicted), average="macro")
    ours = _zero_for_nothing(ours, gold, predicted)
    assert ours == pytest.approx(0.0 if np.isnan(theirs) else theirs, abs=1e-12)


def test_reports_by_label_are_seqevals_and_scikit_learns() -> None:
    gold, predicted = random_pair(3, 200, seed=1)
    aligned = align(gold, predicted)
    theirs = seqeval.classification_report(_tags(gold), _tags(predicted), output_dict=True)
    for slot, report in slot_counts(aligned).report(EVERYTHING).items():
        for ours, name in ((report.precision, "precision"), (report.recall, "recall")):
            assert ours == pytest.approx(theirs[slot][name], abs=1e-12)
        assert report.f1 == pytest.approx(theirs[slot]["f1-score"], abs=1e-12)
        assert report.support == theirs[slot]["support"]
    names = INVENTORY.intents
    theirs = sklearn.classification_report(
        [names[i] for i in gold.intents], [names[i] for i in predicted.intents], output_dict=True
    )
    for intent, report in intent_counts(aligned).report(EVERYTHING).items():
        assert report.precision == pytest.approx(theirs[intent]["precision"], abs=1e-12)
        assert report.f1 == pytest.approx(theirs[intent]["f1-score"], abs=1e-12)


def test_accuracies_are_scikit_learns() -> None:
    gold, predicted = random_pair(2, 300, seed=2)
    accuracy = sklearn.accuracy_score
    assert _value("intent_accuracy", gold, predicted) == accuracy(gold.intents, predicted.intents)
    exact = [
        [f"{i} {' '.join(tags)}" for i, tags in zip(side.intents, _tags(side), strict=True)]
        for side in (gold, predicted)
    ]
    assert _value("exact_match", gold, predicted) == accuracy(*exact)
    # An utterance without a gold scenario does not count.
    counted = gold.scenarios >= 0
    scenarios = [
        [INVENTORY.scenarios.get(INVENTORY.intents[i], "none") for i in side.intents[counted]]
        for side in (gold, predicted)
    ]
    assert 0 < len(scenarios[0]) < len(gold)
    assert _value("scenario_accuracy", gold, predicted) == pytest.approx(accuracy(*scenarios))


@RELAXED
@given(pairs())
def test_partial_views_are_nervaluates(both: tuple[LabelColumns, LabelColumns]) -> None:
    gold, predicted = both
    strategies = {
        "slot_f1": (nervaluate.StrictEvaluation(), False),
        "slot_f1_boundary": (nervaluate.ExactEvaluation(), False),
        "slot_f1_type": (nervaluate.EntityTypeEvaluation(), True),
        "slot_f1_partial": (nervaluate.PartialEvaluation(), True),
    }
    for name, (strategy, half) in strategies.items():
        total = entities.EvaluationResult()
        for row in range(len(gold)):
            result, _ = strategy.evaluate(_entities(gold, row), _entities(predicted, row), [])
            for field in ("correct", "incorrect", "partial", "missed", "spurious"):
                setattr(total, field, getattr(total, field) + getattr(result, field))
        total.compute_metrics(partial_or_type=half)
        ours = _zero_for_nothing(_value(name, gold, predicted), gold, predicted)
        assert ours == pytest.approx(total.f1, abs=1e-12), name


def _entities(columns: LabelColumns, row: int) -> list[object]:
    labels = columns.row_labels(row)
    edges = [i for i in range(len(labels)) if i == 0 or labels[i] != labels[i - 1]]
    ends = [*edges[1:], len(labels)] if edges else []
    return [
        entities.Entity(labels[a], a, b - 1)
        for a, b in zip(edges, ends, strict=True)
        if labels[a] != "Other"
    ]


@RELAXED
@given(pairs())
def test_counts_are_those_of_a_plain_loop(both: tuple[LabelColumns, LabelColumns]) -> None:
    gold, predicted = both
    statistics = count(gold, predicted)
    for row in range(len(gold)):
        true = {(e.label, e.start, e.end) for e in _entities(gold, row)}  # type: ignore[attr-defined]
        guess = {(e.label, e.start, e.end) for e in _entities(predicted, row)}  # type: ignore[attr-defined]
        right = gold.intents[row] == predicted.intents[row]
        assert statistics.tp[row] == len(true & guess)
        assert statistics.predicted[row] == len(guess)
        assert statistics.gold[row] == len(true)
        assert statistics.intent_right[row] == right
        assert statistics.exact[row] == (
            right and gold.row_labels(row) == predicted.row_labels(row)
        )
        assert statistics.tokens[row] == len(gold.row_labels(row))
