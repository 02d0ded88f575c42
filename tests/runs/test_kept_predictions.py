"""`eval RUN` scores what the run has predicted already, where that is what it would predict now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.files import jsonio
from massive_kit.runs import prediction_maker
from massive_kit.runs.evaluating import Evaluator, no_display
from massive_kit.runs.folder import RunFolder, made_by_file
from massive_kit.runs.kept_predictions import kept_predictions
from massive_kit.runs.training import train_run
from massive_kit.scoring.prediction_files import FileEvaluation
from massive_kit.systems.recipes import parse_recipe


@pytest.fixture
def run(task_data: TaskData, tmp_path: Path) -> RunFolder:
    recipe = parse_recipe({"kind": "majority", "title": "majority"}, "majority")
    return train_run(recipe, task_data, tmp_path / "run")


class _Predicting:
    """Evaluates a run, and counts how often it predicts."""

    def __init__(self, run: RunFolder, task_data: TaskData) -> None:
        self.run, self.task_data = run, task_data
        self.times = 0

    def __call__(self, *, again: bool = False) -> FileEvaluation:
        evaluator = Evaluator(
            self.task_data, None, 0, 0, (), (), None, display=self._display, again=again
        )
        return evaluator.evaluate((self.run.path,), None)

    def _display(self, description: str, rows: int) -> AbstractContextManager[None]:
        self.times += 1
        return no_display(description, rows)


def test_a_second_evaluation_scores_what_the_first_predicted(
    run: RunFolder, task_data: TaskData
) -> None:
    evaluate = _Predicting(run, task_data)
    first, second = evaluate(), evaluate()
    assert evaluate.times == 1
    assert second.evaluation.scores == first.evaluation.scores
    assert not first.notes
    (note,) = second.notes
    assert "--again" in note
    assert str(run.predictions(task_data)) in note
    third = evaluate(again=True)
    assert evaluate.times == 2
    assert not third.notes


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _other_note(path: Path, **values: object) -> None:
    jsonio.write_json(path, jsonio.read_json(path) | values)


@pytest.mark.parametrize(
    "change",
    [
        lambda run, kept: _damage(kept),
        lambda run, kept: made_by_file(kept).unlink(),
        lambda run, kept: made_by_file(kept).write_bytes(b"{"),
        lambda run, kept: made_by_file(kept).write_bytes(b"[]"),
        lambda run, kept: _other_note(made_by_file(kept), counts={"en-US": {"rows": 1}}),
        lambda run, kept: _other_note(made_by_file(kept), counts={"en-US": 1, "ja-JP": 1}),
        lambda run, kept: _other_note(made_by_file(kept), seconds=None),
        lambda run, kept: _other_note(made_by_file(kept), made_by={}),
        lambda run, kept: run.recipe_file.write_text(
            run.recipe_file.read_text(encoding="utf-8").replace("note: ''", "note: other"),
            encoding="utf-8",
        ),
        lambda run, kept: (run.model / "more.json").write_bytes(b"{}"),
    ],
)
def test_nothing_is_taken_that_another_may_have_made(
    change: Callable[[RunFolder, Path], object], run: RunFolder, task_data: TaskData
) -> None:
    _Predicting(run, task_data)()
    kept = run.predictions(task_data)
    assert kept_predictions(run, kept, task_data) is not None
    change(run, kept)
    assert kept_predictions(run, kept, task_data) is None


def test_other_rows_code_machines_and_bases_elsewhere_are_predicted_anew(
    run: RunFolder, task_data: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Predicting(run, task_data)()
    kept = run.predictions(task_data)
    fewer = replace(task_data, test=task_data.test.only("en-US"))
    assert kept_predictions(run, kept, fewer) is None
    for name in ("_code_hash", "_machine"):
        with monkeypatch.context() as patch:
            patch.setattr(prediction_maker, name, lambda: "another")
            assert kept_predictions(run, kept, task_data) is None
    assert kept_predictions(run, kept, task_data) is not None
    monkeypatch.setattr(type(run.recipe()), "answers_alone", lambda _: False)
    assert kept_predictions(run, kept, task_data) is None


def test_adapters_and_models_that_are_asked_do_not_answer_alone() -> None:
    lora = {"kind": "causal", "title": "t", "model": {"base": "b", "lora": {}}}
    assert not parse_recipe(lora, "lora").answers_alone()
    merged = {"kind": "causal", "title": "t", "model": {"base": "b", "lora": {}, "merge": True}}
    assert parse_recipe(merged, "merged").answers_alone()
    assert parse_recipe(
        merged | {"kind": "encoder", "model": {"base": "b"}}, "encoder"
    ).answers_alone()
