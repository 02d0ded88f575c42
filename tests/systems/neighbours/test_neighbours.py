"""The nearest training rows vote: from a recipe to predictions and a board's facts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massive_kit.data.opening import open_task
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, UsageError
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_texts, read_utterances
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.neighbours.recipe import NeighboursRecipe
from massive_kit.systems.neighbours.system import NeighboursSystem
from massive_kit.systems.recipes import load_recipe, parse_recipe


def recipe(base: Path, **values: Any) -> Recipe:
    given = {"kind": "neighbours", "title": "near", "model": {"base": str(base)}, **values}
    return parse_recipe({"precision": "fp32"} | given, "near")


@pytest.fixture(scope="session")
def zero_shot(demo_store: Store) -> TaskData:
    return lay_task(load_task("demo-zeroshot"), demo_store)


@pytest.fixture(scope="session")
def run(
    small_encoder: Path, zero_shot: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    return train_run(recipe(small_encoder), zero_shot, tmp_path_factory.mktemp("near") / "run")


def accuracy(system: Any, task_data: TaskData, locale: str) -> float:
    split = task_data.test.only(locale)
    gold = split.read(["intent"]).column("intent").to_pylist()
    predicted = system.predict(read_utterances(split))
    return float(np.mean([p.intent == i for p, i in zip(predicted, gold, strict=True)]))


def test_neighbours_know_more_than_the_majority(run: RunFolder, zero_shot: TaskData) -> None:
    system = load_system(run.path)
    # Random weights make little more than a bag of subwords; of 26 intents all are as frequent.
    assert accuracy(system, zero_shot, "en-US") > 0.2
    predictions = [*system.predict(read_utterances(zero_shot.test.only("en-US")))]
    assert all(len(p.labels) == len(p.utterance.tokens) for p in predictions)
    assert any(set(p.labels) > {"Other"} for p in predictions)


def test_a_training_row_is_its_own_neighbour_and_keeps_its_slots(
    run: RunFolder, demo_store: Store
) -> None:
    table = demo_store.read("train", ["en-US"], ["utt", "intent", "labels"]).slice(0, 40)
    system = load_system(run.path, ["vote.k=1"])
    predictions = predict_texts(system, table["utt"].to_pylist(), "en-US")
    assert [p.intent for p in predictions] == table["intent"].to_pylist()
    labels = table["labels"].to_pylist()
    right = [[*p.labels] == gold for p, gold in zip(predictions, labels, strict=True)]
    assert np.mean(right) > 0.8


def test_the_vote_may_change_after_training_and_the_encoder_may_not(run: RunFolder) -> None:
    options = ["vote.k=3", "vote.temperature=1e6", "copy_slots=false"]
    system = load_system(run.path, options)
    assert isinstance(system, NeighboursSystem)
    assert system.vote.k == 3
    (prediction,) = predict_texts(system, ["wake me at five tomorrow"], "en-US")
    assert {*prediction.labels} == {"Other"}
    # More neighbours than there are rows.
    assert predict_texts(load_system(run.path, ["vote.k=9999"]), ["stop"], "en-US")[0].intent
    with pytest.raises(UsageError, match=r"model\.prefix cannot change after training"):
        load_system(run.path, ["model.prefix=x"])


def test_a_run_says_what_it_is(run: RunFolder, small_encoder: Path) -> None:
    facts = run.facts()
    assert facts["trained_parameters"] == 0
    assert facts["parameters"] > 0
    known = known_of_run(run)
    assert known["architecture"] == "encoder"
    assert known["pretrained_model"] == str(small_encoder)
    assert "resources" not in known
    assert "NeighboursSystem.load" in (run.model / "README.md").read_text()
    # The base is not needed any more, and no file can run anything.
    assert {path.suffix for path in run.model.iterdir()} <= {".json", ".npz", ".safetensors", ".md"}


def test_a_run_may_be_the_encoder(
    runs: dict[str, Path], run: RunFolder, task_data: TaskData, tmp_path: Path
) -> None:
    made = train_run(recipe(runs["encoder"], train_rows=20), task_data, tmp_path / "made")
    (parent,) = made.facts()["parents"]
    assert parent["run"] == str(runs["encoder"])
    assert made.facts()["train_rows"] == 40
    assert predict_texts(load_system(made.path), ["stop"], "ja-JP")[0].intent
    # A run of neighbours is an encoder, too; what its task allowed goes with it.
    train_run(recipe(run.path, train_rows=5), task_data, tmp_path / "again")
    with pytest.raises(ConfigError, match="a run of kind majority"):
        train_run(recipe(runs["majority"]), task_data, tmp_path / "wrong")


def test_centring_uses_text_without_labels_which_a_task_has_to_allow(
    small_encoder: Path, demo_store: Store, tmp_path: Path
) -> None:
    centring = recipe(small_encoder, centring={"rows": 20}, train_rows=50)
    strict = lay_task(load_task("demo-zeroshot"), demo_store)
    with pytest.raises(ConfigError, match="unlabelled-text was used") as caught:
        train_run(centring, strict, tmp_path / "refused")
    assert "the recipe" in str(caught.value)
    task = strict.task.model_copy(update={"allow": ["unlabelled-text"]})
    short = task.model_copy(update={"test": task.test.model_copy(update={"locales": ["sw-KE"]})})
    made = train_run(centring, lay_task(short, demo_store), tmp_path / "run")
    assert made.facts()["centred_locales"] == ["en-US", "sw-KE"]
    assert [used.resource for used in run_resources(made)] == ["target-labels", "unlabelled-text"]
    assert known_of_run(made)["resources"] == ["unlabelled-text"]
    assert predict_texts(load_system(made.path), ["simama"], "sw-KE")[0].intent
    absent = recipe(small_encoder, centring={"partition": "wild"}, train_rows=5)
    with pytest.raises(MissingDataError, match="no wild text of en-US"):
        train_run(absent, lay_task(short, demo_store), tmp_path / "absent")
    scored = recipe(small_encoder, centring={"partition": "test"}, train_rows=5)
    with pytest.raises(ConfigError, match="test, whose text the task scores"):
        train_run(scored, lay_task(short, demo_store), tmp_path / "scored")


def test_in_context_the_rows_of_the_source_vote_alone(
    small_encoder: Path, task_data: TaskData, tmp_path: Path
) -> None:
    update = {"setting": "in-context", "source_locale": "en-US", "allow": ["target-labels"]}
    in_context = replace(task_data, task=task_data.task.model_copy(update=update))
    for languages, setting, expected in (
        (None, in_context, ["en-US"]),
        ("all", in_context, ["en-US", "ja-JP"]),
        (None, task_data, ["en-US", "ja-JP"]),
    ):
        made = train_run(
            recipe(small_encoder, languages=languages, train_rows=9),
            setting,
            tmp_path / f"{languages} {setting.task.setting}",
        )
        facts = made.facts()
        assert facts["data"]["train"]["locales"] == expected
        assert facts["train_rows"] == 9 * len(expected)
        (labels,) = run_resources(made)
        assert [*labels.locales] == expected
        # What the setting is about is no resource beside it.
        beside = known_of_run(made).get("resources", [])
        assert beside == (["target-labels"] if languages == "all" else [])


def test_files_of_another_run_are_refused(run: RunFolder, tmp_path: Path) -> None:
    import shutil

    from massive_kit.files.npz import write_arrays

    copy = RunFolder(shutil.copytree(run.path, tmp_path / "run"))
    write_arrays(copy.model / "intents.npz", {"intents": np.zeros(3, np.int32)})
    with pytest.raises(MassiveKitError, match="train again"):
        load_system(copy.path)
    (copy.model / "neighbours.json").write_text(json.dumps({"base": "x", "code": "y"}))
    with pytest.raises(MassiveKitError, match="code"):
        load_system(copy.path)


def test_the_shipped_recipe_takes_any_encoder(small_encoder: Path) -> None:
    shipped = load_recipe("neighbours", [f"model.base={small_encoder}", "centring.rows=9"])
    assert isinstance(shipped, NeighboursRecipe)
    assert (shipped.vote.k, shipped.model.prefix) == (10, "query: ")
    assert shipped.resources() == ("unlabelled-text",)
    with pytest.raises(ConfigError, match="did you mean 'temperature'"):
        load_recipe("neighbours", ["vote.temprature=1"])


@pytest.mark.parametrize("lacks", ["intents", "slots"])
def test_a_corpus_with_one_kind_of_label_works(
    small_encoder: Path, lacks: str, tmp_path: Path
) -> None:
    from massive_kit.data.intake.importing import import_data

    lines = []
    for partition in ("train", "dev", "test"):
        for number, (intent, said, annotated) in enumerate(
            [("go", "go to rome", "go to [place : rome]"), ("stay", "stay here", "stay here")]
        ):
            line = {"id": f"{number}", "locale": "en-US", "partition": partition, "utt": said}
            line["annot_utt"] = said if lacks == "slots" else annotated
            if lacks != "intents":
                line["intent"] = intent
            lines.append(json.dumps(line))
    source = tmp_path / "rows.jsonl"
    source.write_text("\n".join(lines) + "\n")
    store = import_data(source, tmp_path / "store", name="own")
    values: dict[str, Any] = {"name": "own", "title": "Own", "setting": "full", "data": ["own"]}
    for partition in ("train", "dev", "test"):
        values[partition] = {"partition": partition}
    task_file = tmp_path / "own.yaml"
    task_file.write_text(json.dumps(values))
    task_data = open_task(str(task_file), store)
    made = train_run(recipe(small_encoder, vote={"k": 1}), task_data, tmp_path / "run")
    (prediction,) = predict_texts(load_system(made.path), ["go to rome"], "en-US")
    assert prediction.intent == (None if lacks == "intents" else "go")
    assert prediction.labels == ["Other", "Other", "Other" if lacks == "slots" else "B-place"]
