"""A decoder is trained whole or by adapters, resumed exactly, saved, merged and loaded again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.text_answers.system import TextSystem
from massive_kit.systems.trained_recipe import TrainedRecipe
from tests.stopped_runs import Stopped

LORA = {"rank": 4, "alpha": 8, "dropout": 0.1}
ADAPTER = {
    "README.md",
    "adapter_config.json",
    "adapter_model.safetensors",
    "inventory.json",
    "tokenizer.json",
    "tokenizer_config.json",
}


def recipe_of(folder: Path, training: dict[str, Any] | None = None, **model: Any) -> TrainedRecipe:
    form = {"words": True, "inside": "inside_slot_name", "prompt": ""}
    course = {"epochs": 2, "batch_rows": 2, "evaluations": 2, "log_steps": 1, "precision": "fp32"}
    values = {
        "kind": "causal",
        "title": "small",
        "model": {"base": str(folder), "format": form, "separator": " =>"} | model,
        "optimiser": {"lr": 5e-3},
        "training": course | (training or {}),
    }
    recipe = parse_recipe(values, "small")
    assert isinstance(recipe, TrainedRecipe)
    return recipe


def lines(run: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.log.read_text().splitlines()]


def logits(system: Any, tokens: list[str]) -> torch.Tensor:
    assert isinstance(system, TextSystem)
    (ids,) = system.writer.coding.inputs([tokens])
    with torch.inference_mode():
        answer: torch.Tensor = system.writer.model(torch.tensor([ids])).logits
    return answer


def utterances(task: TaskData) -> list[Utterance]:
    rows = task.train.read(["id", "utt", "tokens"]).to_pylist()
    return [Utterance(row["id"], "en-US", row["utt"], row["tokens"]) for row in rows]


@pytest.fixture(scope="module")
def adapted(
    touching_decoder: Path, touching_task: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """A run that trained adapters."""
    folder = tmp_path_factory.mktemp("adapted") / "run"
    return train_run(recipe_of(touching_decoder, lora=LORA), touching_task, folder)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["touching", "plain"])
def test_rows_are_learned_by_heart(
    scheme: str, touching_decoder: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    form = {"words": scheme == "touching", "inside": "inside_slot_name", "prompt": ""}
    training = {"epochs": 100, "batch_rows": 5, "evaluations": 1, "average": 0}
    recipe = recipe_of(touching_decoder, format=form, training=training)
    run = train_run(recipe, touching_task, tmp_path / "run")
    system = load_system(run.path)
    gold = touching_task.train.labels()
    for number, said in enumerate(system.predict(utterances(touching_task))):
        assert said.intent == gold.inventory.intents[gold.intents[number]]
        assert list(said.labels) == gold.row_labels(number)


# `peft` itself asks for what `transformers` calls old.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_adapters_are_saved_alone_and_load_as_they_were(
    adapted: RunFolder, touching_decoder: Path, touching_task: TaskData
) -> None:
    assert {path.name for path in adapted.model.iterdir()} == ADAPTER
    facts = adapted.facts()
    assert 0 < facts["trained_parameters"] < facts["parameters"] / 5
    for checkpoint in adapted.checkpoints.iterdir():
        # No copy of the base.
        assert not list(checkpoint.glob("model*"))
    tokens = ["play", "a", "b"]
    system = load_system(adapted.path)
    ours = logits(system, tokens)
    assert not torch.equal(ours, logits_of_base(touching_decoder, system, tokens))
    # As others load it, with and without this kit.
    base = AutoModelForCausalLM.from_pretrained(touching_decoder)
    for theirs in (
        PeftModel.from_pretrained(base, adapted.model),
        AutoModelForCausalLM.from_pretrained(adapted.model),
    ):
        writer = system.writer if isinstance(system, TextSystem) else None
        assert writer is not None
        # Added to the weights, they take no time of their own.
        assert not [name for name, _ in writer.model.named_parameters() if "lora" in name]
        (ids,) = writer.coding.inputs([tokens])
        with torch.inference_mode():
            assert torch.allclose(theirs.eval()(torch.tensor([ids])).logits, ours, atol=1e-5)


def logits_of_base(folder: Path, system: Any, tokens: list[str]) -> torch.Tensor:
    (ids,) = system.writer.coding.inputs([tokens])
    with torch.inference_mode():
        answer: torch.Tensor = AutoModelForCausalLM.from_pretrained(folder)(
            torch.tensor([ids])
        ).logits
    return answer


def test_merged_adapters_are_a_whole_model_that_says_the_same(
    adapted: RunFolder, touching_decoder: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    recipe = recipe_of(touching_decoder, lora=LORA, merge=True)
    merged = train_run(recipe, touching_task, tmp_path / "run")
    names = {path.name for path in merged.model.iterdir()}
    assert "model.safetensors" in names
    assert "adapter_config.json" not in names
    tokens = ["play", "a", "b"]
    apart, together = (logits(load_system(run.path), tokens) for run in (adapted, merged))
    assert torch.allclose(apart, together, atol=1e-5)
    base = sum(
        p.numel() for p in AutoModelForCausalLM.from_pretrained(touching_decoder).parameters()
    )
    assert merged.facts()["parameters"] == base
    assert merged.facts()["trained_parameters"] == adapted.facts()["trained_parameters"]
    assert not [name for name in load_file(merged.model / "model.safetensors") if "lora" in name]


@pytest.mark.parametrize(
    "lora",
    [pytest.param(None, marks=pytest.mark.slow), LORA],
    ids=["all weights", "adapters"],
)
def test_a_killed_run_ends_as_an_unbroken_one(
    lora: dict[str, Any] | None, touching_decoder: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    recipe = recipe_of(touching_decoder, lora=lora, training={"average": 0.9})
    whole = train_run(recipe, touching_task, tmp_path / "whole")
    steps = whole.facts()["steps"]
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, touching_task, tmp_path / "cut", observer=Stopped(steps // 2 + 1))
    cut = train_run(recipe, touching_task, tmp_path / "cut", resume=True)
    assert cut.facts()["resumed"] is True
    assert lines(whole) == lines(cut)
    (first,), (second,) = ([*run.model.glob("*.safetensors")] for run in (whole, cut))
    ours, theirs = load_file(first), load_file(second)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.slow
def test_memory_that_runs_out_shrinks_the_batches_of_adapters(
    touching_decoder: Path,
    touching_task: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forward = LlamaForCausalLM.forward

    def small_memory(self: Any, input_ids: torch.Tensor, *args: Any, **rest: Any) -> Any:
        if self.training and len(input_ids) > 2:
            raise torch.OutOfMemoryError("not enough memory")
        return forward(self, input_ids, *args, **rest)

    training = {"batch_rows": 4, "epochs": 1, "evaluations": 1}
    small = recipe_of(
        touching_decoder, lora=LORA, training=training | {"batch_rows": 2, "accumulate": 2}
    )
    expected = train_run(small, touching_task, tmp_path / "small")
    monkeypatch.setattr(LlamaForCausalLM, "forward", small_memory)
    recipe = recipe_of(touching_decoder, lora=LORA, training=training | {"shrink_on_oom": True})
    shrunk = train_run(recipe, touching_task, tmp_path / "run")
    assert shrunk.facts()["batch_rows"] == 2
    # The adapters began anew where the first try began.
    first, second = (
        load_file(run.model / "adapter_model.safetensors") for run in (expected, shrunk)
    )
    assert all(torch.allclose(first[name], second[name], atol=1e-2) for name in first)


def test_rows_of_a_batch_are_answered_as_each_alone(
    adapted: RunFolder, touching_task: TaskData
) -> None:
    system = load_system(adapted.path)
    asked = utterances(touching_task)
    together = [(said.intent, list(said.labels)) for said in system.predict(asked)]
    alone = [next(iter(system.predict([one]))) for one in asked]
    assert together == [(said.intent, list(said.labels)) for said in alone]


def test_a_run_starts_from_the_adapters_of_another(
    adapted: RunFolder, touching_task: TaskData, tmp_path: Path
) -> None:
    training = {"epochs": 1, "evaluations": 1}
    recipe = recipe_of(adapted.path, lora=LORA, training=training)
    run = train_run(recipe, touching_task, tmp_path / "run")
    config = json.loads((run.model / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == str(adapted.model.absolute())
    assert run.facts()["parents"][0]["run"] == str(adapted.path)
    assert predict_task(run.path, touching_task, tmp_path / "p.jsonl").failed == 0


@pytest.mark.slow
def test_packed_and_checkpointed_layers_train_alike(
    adapted: RunFolder, touching_decoder: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    lora = LORA | {"dropout": 0}
    losses = []
    for number, packing in enumerate((None, 64)):
        recipe = recipe_of(
            touching_decoder, lora=lora, packing=packing, gradient_checkpointing=packing is not None
        )
        run = train_run(recipe, touching_task, tmp_path / str(number))
        losses.append([line["loss"] for line in lines(run) if "loss" in line])
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def test_adapters_are_of_use_with_their_own_base_alone(
    adapted: RunFolder, touching_decoder: Path, small_decoder: Path, tmp_path: Path
) -> None:
    run = RunFolder(shutil.copytree(adapted.path, tmp_path / "run"))
    path = run.model / "adapter_config.json"
    config = json.loads(path.read_text())

    def based_on(folder: Path) -> None:
        path.write_text(json.dumps(config | {"base_model_name_or_path": str(folder)}))

    based_on(tmp_path / "gone")
    with pytest.raises(MissingDataError, match=r"put its new place into .*adapter_config\.json"):
        load_system(run.path)
    other = shutil.copytree(touching_decoder, tmp_path / "other")
    weights = AutoModelForCausalLM.from_pretrained(other)
    weights.model.norm.weight.data += 0.5
    weights.save_pretrained(other)
    based_on(other)
    with pytest.raises(MassiveKitError, match="trained on other weights"):
        load_system(run.path)
    based_on(shutil.copytree(touching_decoder, tmp_path / "moved"))
    assert load_system(run.path)
    weights_file = run.model / "adapter_model.safetensors"
    weights_file.rename(run.model / "adapter_model.bin")
    with pytest.raises(MissingDataError, match="no other format is read"):
        load_system(run.path)
    weights_file.write_bytes(b"{")
    with pytest.raises(MassiveKitError, match="cannot be read"):
        load_system(run.path)
    path.write_text("{}")
    with pytest.raises(MassiveKitError, match="LoRA configuration"):
        load_system(run.path)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"lora": {"targets": ["no_such"]}}, r"model\.lora\.targets: .*down_proj.*v_proj"),
        ({"lora": {"targets": []}}, "no layer is named"),
        ({"merge": True}, "no adapters to merge"),
        (
            {"base": None, "config": {"model_type": "llama"}, "tokenizer": "x", "lora": {}},
            "adapters need a base",
        ),
    ],
    ids=["no such layer", "no layer", "nothing to merge", "no base"],
)
def test_recipes_that_do_not_fit_are_told(
    model: dict[str, Any],
    message: str,
    touching_decoder: Path,
    touching_task: TaskData,
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match=message):
        train_run(recipe_of(touching_decoder, **model), touching_task, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_decoder_from_scratch_trains_its_own_tokenizer(
    touching_task: TaskData, tmp_path: Path
) -> None:
    from tests.small_decoders import LLAMA

    recipe = recipe_of(
        tmp_path,
        base=None,
        config=LLAMA,
        tokenizer={"vocabulary": 400},
        training={"epochs": 1, "evaluations": 1},
    )
    run = train_run(recipe, touching_task, tmp_path / "run")
    assert predict_task(run.path, touching_task, tmp_path / "p.jsonl").failed == 0
