"""A model that runs here gives valid answers, the same whatever stands beside them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from massive_kit.cli.predict_prompt import print_forecast
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MassiveKitError, UnfinishedError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task, read_utterances
from massive_kit.runs.training import train_run
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.prompted.local.language_model import LanguageModel
from massive_kit.systems.prompted.system import PromptedLanguageModel
from massive_kit.systems.recipes import load_recipe
from tests.small_decoders import decoder_folder

SMALL = ["demonstrations.k=2", "prompt.labels=none", "model.precision=fp32"]


@pytest.fixture(scope="session")
def decoder(tmp_path_factory: pytest.TempPathFactory, few: TaskData) -> Path:
    """A decoder with random weights and room for prompts."""
    inventory = few.store.inventory
    texts = (
        DataSplit(few.store, "train", ("en-US", "ja-JP")).read(["utt"]).column("utt").to_pylist()
    )
    names = ['Utterance: Slots: {"intent": "slot", "value": "}]}', "Intent: [ : ] N/A"]
    letters = [*inventory.intents, *inventory.slots, *names]
    return decoder_folder(
        tmp_path_factory.mktemp("decoder"), [*texts, *letters], max_position_embeddings=4096
    )


def prepared(decoder: Path, task_data: TaskData, out: Path, *options: str) -> Path:
    recipe = load_recipe("prompted", [f"model.base={decoder}", *SMALL, *options])
    return train_run(recipe, task_data, out).path


def predicted(run: Path, task_data: TaskData, rows: int, *overrides: str) -> list[Prediction]:
    utterances = [
        utterance
        for split in task_data.test.by_locale()
        for utterance in read_utterances(split)[:rows]
    ]
    return list(load_system(run, overrides).predict(utterances))


@pytest.mark.parametrize("layout", ["two_step", "annotated", "json"])
def test_every_line_is_valid(
    layout: str, decoder: Path, few: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared(decoder, few, tmp_path / "run", f"prompt.format={layout}")
    done = predict_task(run, few, run / "p.jsonl")
    assert done.failed == 0
    assert not any(part.unread for part in done.counts.values())
    read = read_predictions([done.path], TaskIndex.of(few))
    assert not [problem for problem in read.report.problems if problem.severity == "error"]
    assert b'pred_slots":[[' in done.path.read_bytes()
    usage = RunFolder(run).facts()["usage"]["few"]
    assert usage["requests"] >= done.rows
    assert usage["answer_tokens"] > done.rows
    # All answers are kept, so that the model is not even loaded again.
    monkeypatch.setattr(LanguageModel, "load", None)
    before = done.path.read_bytes()
    predict_task(run, few, run / "p.jsonl")
    assert done.path.read_bytes() == before


@pytest.mark.parametrize(
    ("choose", "layout"),
    [
        ("random", "two_step"),
        ("lexical", "annotated"),
        *(
            pytest.param(*names, marks=pytest.mark.slow)
            for names in (
                ("random", "annotated"),
                ("random", "json"),
                ("lexical", "two_step"),
                ("lexical", "json"),
            )
        ),
    ],
)
def test_answers_do_not_depend_on_what_stands_beside_them(
    layout: str, choose: str, decoder: Path, few: TaskData, tmp_path: Path
) -> None:
    options = [f"prompt.format={layout}", f"demonstrations.choose={choose}"]
    said = []
    for batch in (1, 5):
        run = prepared(decoder, few, tmp_path / str(batch), *options, f"decoding.batch={batch}")
        predictions = predicted(run, few, 5)
        said.append([(p.intent, p.labels) for p in predictions])
    assert said[0] == said[1]


def test_the_likeliest_label_is_said(decoder: Path, few: TaskData, tmp_path: Path) -> None:
    import torch

    run = prepared(decoder, few, tmp_path / "run", "decoding.prior=false")
    system: Any = load_system(run)
    utterances = read_utterances(few.test.only("en-US"))[:3]
    predictions = list(system.predict(utterances))
    model = system._backend._answerer.model
    for choice, prediction in zip(system._chooser.choose(utterances), predictions, strict=True):
        prompt = system.writer.write(prediction.utterance, choice, "intent")
        likelihoods = {}
        for intent in few.store.inventory.intents:
            before, whole = model.encode(prompt.text), model.encode(f"{prompt.text} {intent}\n")
            with torch.inference_mode():
                logits = model.model(input_ids=torch.tensor([whole])).logits[0].log_softmax(-1)
            places = range(len(before), len(whole))
            likelihoods[intent] = sum(logits[i - 1, whole[i]].item() for i in places)
        best = max(likelihoods.values())
        assert likelihoods[prediction.intent or ""] == pytest.approx(best, abs=1e-3)


def test_what_is_likely_anyway_is_taken_off(decoder: Path, few: TaskData, tmp_path: Path) -> None:
    intents = {}
    for prior in ("true", "false"):
        run = prepared(decoder, few, tmp_path / prior, f"decoding.prior={prior}")
        intents[prior] = [p.intent for p in predicted(run, few, 12)]
    # Random weights like a few labels best, whatever is asked about.
    assert len({*intents["true"]}) > len({*intents["false"]})


def test_intents_may_be_those_of_the_demonstrations(
    decoder: Path, few: TaskData, tmp_path: Path
) -> None:
    run = prepared(decoder, few, tmp_path / "run", "decoding.candidates=demonstrations")
    system: Any = load_system(run)
    predictions = predicted(run, few, 6)
    chosen = system._chooser.choose([p.utterance for p in predictions])
    for choice, prediction in zip(chosen, predictions, strict=True):
        assert prediction.intent in {row.intent for row in choice.shown}


def test_a_budget_stops_between_batches(decoder: Path, few: TaskData, tmp_path: Path) -> None:
    small = replace(few, test=few.test.only("en-US"))
    run = prepared(decoder, small, tmp_path / "run", "decoding.batch=4")
    with pytest.raises(UnfinishedError, match="no line is there yet"):
        predict_task(run, small, run / "p.jsonl", overrides=["budget.tokens=1"])
    assert not (run / "p.jsonl").exists()
    with pytest.raises(UnfinishedError, match="budget is used up"):
        predict_task(run, small, run / "p.jsonl", overrides=["budget.tokens=4000"])
    there = (run / "p.jsonl").read_bytes().count(b"\n")
    assert 0 < there < small.test.rows
    assert predict_task(run, small, run / "p.jsonl").rows == small.test.rows


def test_what_is_known_before_asks_for_no_price_of_what_runs_here(
    decoder: Path, few: TaskData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = replace(few, test=few.test.only("en-US"))
    run = prepared(decoder, small, tmp_path / "run")
    capsys.readouterr()
    print_forecast(run, small, [])
    printed = capsys.readouterr().out
    assert "price" not in printed
    assert "requests_per_minute" not in printed
    assert "time             not known: the model runs here" in printed


def test_tokens_of_prompts_about_nothing_are_counted(
    decoder: Path, few: TaskData, tmp_path: Path
) -> None:
    small = replace(few, test=few.test.only("en-US"))
    tokens, known_before = {}, {}
    for prior in ("true", "false"):
        run = prepared(decoder, small, tmp_path / prior, f"decoding.prior={prior}")
        system = load_system(run)
        assert isinstance(system, PromptedLanguageModel)
        utterances = read_utterances(small.test)
        known_before[prior] = system.forecast(utterances).usage.prompt_tokens
        usages = [p.raw.usage for p in system.predict(utterances) if p.raw is not None]
        tokens[prior] = sum(usage.prompt_tokens for usage in usages)
    assert tokens["true"] > tokens["false"]
    assert known_before["true"] > known_before["false"]


def test_answers_of_other_weights_are_not_reused(
    decoder: Path, few: TaskData, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    base = tmp_path / "base"
    shutil.copytree(decoder, base)
    run = prepared(base, few, tmp_path / "run")
    predicted(run, few, 1)
    predicted(run, few, 1)
    weights = load_file(base / "model.safetensors")
    save_file({name: tensor + 0.01 for name, tensor in weights.items()}, base / "model.safetensors")
    with pytest.raises(MassiveKitError, match="other weights"):
        predicted(run, few, 1)


def test_a_text_that_is_too_long_fails_alone_and_is_named(
    decoder: Path, few: TaskData, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = prepared(decoder, few, tmp_path / "run", "prompt.format=annotated", "decoding.batch=2")
    short = read_utterances(few.test.only("en-US"))[:3]
    words = ["wake", "me", "up"] * 900
    long = Utterance("7", "ja-JP", " ".join(words), words)
    predictions = list(load_system(run).predict([long, *short]))
    assert [p.failed for p in predictions] == [True, False, False, False]
    assert {*predictions[0].labels} == {"Other"}
    raw = predictions[0].raw
    assert raw is not None
    assert "the model has room for 4,096" in raw.unread[-1]
    assert caplog.text.count("ja-JP 7 is too long: ") == 1
    # Those beside it are answered as they are alone, and it is as long a second time.
    again = prepared(decoder, few, tmp_path / "again", "prompt.format=annotated")
    alone = list(load_system(again).predict(short))
    assert [(p.intent, p.labels) for p in predictions[1:]] == [(p.intent, p.labels) for p in alone]
    assert [p.failed for p in load_system(run).predict([long])] == [True]


def test_prompts_without_room_for_any_text_end_it(
    small_decoder: Path, few: TaskData, tmp_path: Path
) -> None:
    run = prepared(small_decoder, few, tmp_path / "run", "demonstrations.k=40")
    with pytest.raises(MassiveKitError, match=r"first 3 has .* for 512; take fewer demonstrations"):
        predicted(run, replace(few, test=few.test.only("en-US")), 3)


def test_touching_spans_of_one_slot_are_two(
    touching_decoder: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    for layout in ("two_step", "annotated", "json"):
        options = ["prompt.template=default", f"prompt.format={layout}", "demonstrations.k=1"]
        run = prepared(touching_decoder, touching_task, tmp_path / layout, *options)
        for prediction in predicted(run, touching_task, 9):
            assert {*prediction.labels} <= {*touching_task.store.inventory.labels}
