"""`breakdown --by slot_method` shows what `scores.json` says."""

from __future__ import annotations

import pytest

from massive_kit.breakdown.request import Request
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.data.task_data import TaskData
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import SLOT_METHODS
from massive_kit.scoring.evaluation import evaluate
from tests.publish.boards import damaged
from tests.slot_method_rows import told_task

RESAMPLES, SEED = 200, 3


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    return told_task(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="module")
def kept(told: TaskData, tmp_path_factory: pytest.TempPathFactory) -> SavedEvaluation:
    gold = told.test.labels()
    folder = tmp_path_factory.mktemp("kept")
    evaluate(gold, damaged(gold, 0.3, 1), told, resamples=RESAMPLES, seed=SEED).save(folder)
    return SavedEvaluation(folder, LanguageTable.shipped())


def asked(kept: SavedEvaluation, told: TaskData, *locales: str) -> Request:
    return Request(kept, locales, RESAMPLES, SEED, str(told.test.store.path))


def test_numbers_are_those_of_scores(kept: SavedEvaluation, told: TaskData) -> None:
    (table,) = asked(kept, told).by(["slot_method"])
    parts = kept.scores.slot_methods
    assert [row[0] for row in table.rows] == [name for name in SLOT_METHODS if name in parts]
    for name, n, *estimates in table.rows:
        scores = next(part for key, part in parts.items() if key == name)
        assert n == scores.n
        assert estimates == [scores.intent_accuracy, scores.slot_f1, scores.exact_match]
    swahili = kept.scores.locales["sw-KE"].n
    assert f"{swahili} utterances whose rows do not say are in no part." in table.notes


def test_locales_that_do_not_say_are_refused(kept: SavedEvaluation, told: TaskData) -> None:
    with pytest.raises(UsageError, match="no row of sw-KE says slot_method"):
        asked(kept, told, "sw-KE").by(["slot_method"])
