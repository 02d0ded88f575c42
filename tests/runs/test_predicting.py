"""Predictions of every family are valid files, and a stopped call goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.engine.length_batches import length_batches
from massive_kit.errors import MassiveKitError, MissingDataError, UsageError
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import RowsDone, predict_task, text_utterances
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.runs.prediction_parts import PredictionParts
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.interface import Prediction, System, Utterance
from massive_kit.systems.subwords.placement import Placement

FAMILIES = ["majority", "encoder", "seq2seq"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_is_complete_and_valid(
    family: str, runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    done = predict_task(runs[family], task_data, tmp_path / "p.jsonl.gz")
    assert done.failed == 0
    read = read_predictions([done.path], TaskIndex.of(task_data))
    assert not [problem for problem in read.report.problems if problem.severity == "error"]
    assert len(read.columns) == done.rows
    assert list(tmp_path.iterdir()) == [done.path]


@pytest.mark.parametrize("family", FAMILIES)
def test_unlabelled_text_is_predicted(family: str, runs: dict[str, Path]) -> None:
    system = load_system(runs[family])
    texts = ["wake me up", "a", "word " * 40]
    predictions = list(system.predict(text_utterances(texts, "en-US", system)))
    assert [prediction.utterance.text for prediction in predictions] == texts
    for prediction in predictions:
        assert len(prediction.labels) == len(prediction.utterance.tokens)
        assert prediction.intent in system.inventory.intent_index
    assert list(system.predict([])) == []
    (ours,) = system.predict(text_utterances(["明日の朝 hello"], "ja-JP", system))
    assert list(ours.utterance.tokens) == ["明", "日", "の", "朝", "hello"]


@pytest.mark.parametrize("family", ["encoder", "seq2seq"])
def test_batches_are_as_large_as_the_recipe_says(
    family: str, runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def counted(
        lengths: NDArray[np.int64], order: NDArray[np.int64], budget: int
    ) -> list[NDArray[np.int64]]:
        batches = length_batches(lengths, order, budget)
        counts.append(len(batches))
        return batches

    for module in ("encoder.inference", "text_answers.writer"):
        monkeypatch.setattr(f"massive_kit.systems.{module}.length_batches", counted)
    answers = []
    for overrides in ([], ["training.eval_batch_tokens=16"]):
        system = load_system(runs[family], overrides)
        utterances = text_utterances(["wake me up", "wake me up"] * 3, "en-US", system)
        answers.append([prediction.intent for prediction in system.predict(utterances)])
    assert counts[0] == 1 < counts[1]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("family", ["encoder", "seq2seq"])
def test_the_model_card_shows_code_that_runs(
    family: str, runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = (runs[family] / "model" / "README.md").read_text(encoding="utf-8")
    code = card.partition("```python\n")[2].partition("```")[0]
    assert len(code.splitlines()) == 3
    monkeypatch.chdir(runs[family])
    exec(code, {})  # noqa: S102 - the code is this project's


def test_an_encoder_reads_under_another_placement(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    files = {}
    for placement in (None, *Placement):
        path = tmp_path / f"{placement}.jsonl"
        overrides = [f"model.placement={placement}"] if placement else []
        predict_task(runs["encoder"], task_data, path, overrides=overrides)
        files[placement] = path.read_bytes()
    assert files[None] == files[Placement.raw_text]
    # English has a space before each word; Japanese is cut into characters under the others.
    assert files[Placement.first] != files[Placement.raw_text]
    with pytest.raises(UsageError, match="kind majority: none"):
        load_system(runs["majority"], ["model.placement=first"])
    with pytest.raises(UsageError, match=r"model\.max_length cannot change"):
        load_system(runs["encoder"], ["model.max_length=9"])
    with pytest.raises(UsageError, match=r"unknown key 'model.placment': did you mean 'placement'"):
        load_system(runs["encoder"], ["model.placment=first"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("run.json", "run.json is not JSON"),
        ("model/model.safetensors", "the model in .* cannot be loaded"),
        ("model/inventory.json", "the model in .* cannot be loaded"),
    ],
)
def test_a_damaged_run_is_told(
    name: str, message: str, runs: dict[str, Path], tmp_path: Path
) -> None:
    run = shutil.copytree(runs["encoder"], tmp_path / "run")
    (run / name).write_bytes(b"{")
    with pytest.raises(MassiveKitError, match=message):
        load_system(run)


def test_labels_that_disagree_with_the_model_are_told(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    run = shutil.copytree(runs["encoder"], tmp_path / "run")
    path = run / "model" / "inventory.json"
    stored = json.loads(path.read_text())
    intents = stored["intents"]
    first = next(iter(intents))
    # The same labels in another order would give every prediction a wrong name.
    for wrong in (dict(reversed(intents.items())), {first: intents[first]}):
        path.write_text(json.dumps(stored | {"intents": wrong}))
        with pytest.raises(MassiveKitError, match="different labels"):
            load_system(run)


def test_a_stopped_call_goes_on_with_the_locales_that_are_left(
    runs: dict[str, Path],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "p.jsonl"
    predict_task(runs["majority"], task_data, out)
    expected = out.read_bytes()
    out.unlink()
    write = PredictionParts.write
    asked: list[str] = []

    def stops(
        parts: PredictionParts,
        system: System,
        utterances: list[Utterance],
        locale: str,
        rows_done: RowsDone | None,
    ) -> None:
        asked.append(locale)
        if len(asked) == 2:
            raise KeyboardInterrupt
        write(parts, system, utterances, locale, rows_done)

    monkeypatch.setattr(PredictionParts, "write", stops)
    with pytest.raises(KeyboardInterrupt):
        predict_task(runs["majority"], task_data, out)
    assert not out.exists()
    predict_task(runs["majority"], task_data, out)
    assert asked == ["en-US", "ja-JP", "ja-JP"]
    assert out.read_bytes() == expected


@pytest.mark.parametrize("overrides", [(), ("training.eval_batch_tokens=16",)])
def test_two_calls_for_one_file_at_once_both_end(
    overrides: tuple[str, ...],
    runs: dict[str, Path],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "p.jsonl"
    write = PredictionParts.write
    started: list[str] = []

    def overtaken(
        parts: PredictionParts,
        system: System,
        utterances: list[Utterance],
        locale: str,
        rows_done: RowsDone | None,
    ) -> None:
        started.append(locale)
        if started == ["en-US", "ja-JP"]:
            # The other call begins and ends while this one is in its second locale.
            started.append("other")
            predict_task(runs["encoder"], task_data, out, overrides=overrides)
            assert [*tmp_path.glob("p.jsonl.parts/*/en-US.jsonl")]
        write(parts, system, utterances, locale, rows_done)

    monkeypatch.setattr(PredictionParts, "write", overtaken)
    done = predict_task(runs["encoder"], task_data, out)
    assert "other" in started
    assert done.rows == out.read_bytes().count(b"\n")
    assert list(tmp_path.iterdir()) == [out]


def test_parts_that_a_call_of_other_data_left_go_with_the_others(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    out = tmp_path / "p.jsonl"
    left = tmp_path / "p.jsonl.parts" / "0123" / "en-US.jsonl"
    left.parent.mkdir(parents=True)
    left.write_text("{}\n")
    predict_task(runs["majority"], task_data, out)
    assert list(tmp_path.iterdir()) == [out]


def test_a_line_is_in_the_original_format() -> None:
    utterance = Utterance("7", "en-US", "wake me at five am", ["wake", "me", "at", "five", "am"])
    labels = ["Other", "Other", "Other", "time", "time"]
    value = json.loads(prediction_line(Prediction(utterance, "alarm_set", labels), "runs"))
    assert value == {
        "id": "7",
        "locale": "en-US",
        "utt": ["wake", "me", "at", "five", "am"],
        "pred_intent": "alarm_set",
        "pred_slots": [["five am", "time"]],
        "pred_annot_utt": "wake me at [time : five am]",
    }


def test_no_run_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="massive-kit train"):
        load_system(tmp_path)


def test_sentences_on_the_command_line(runs: dict[str, Path]) -> None:
    run = str(runs["encoder"])
    done = CliRunner().invoke(app, ["predict", run, "--text", "wake me up", "--format", "json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["utt"] == ["wake", "me", "up"]
    many = CliRunner().invoke(app, ["predict", run, "--text", "-"], input="wake me up\n\nhello\n")
    assert len(many.stdout.splitlines()) == 2
