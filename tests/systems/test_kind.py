"""A kind of system is one folder: a throw-away one goes from training to the board."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit import systems
from massive_kit.cli.app import app
from massive_kit.errors import ConfigError
from massive_kit.systems.kind import kinds
from massive_kit.systems.recipes import load_recipe, parse_recipe

KIND = '''
from pathlib import Path
from typing import Literal

from massive_kit.data.inventory import read_inventory, write_inventory
from massive_kit.languages import character_locales
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import Prediction
from massive_kit.systems.kind import Kind, ModelCard, Preparation


class ConstantRecipe(Recipe):
    """Always the same intent."""

    kind: Literal["constant"]
    intent: str


class ConstantSystem:
    def __init__(self, intent, inventory):
        self.intent, self.inventory = intent, inventory
        self.character_locales = character_locales()

    def predict(self, utterances):
        for utterance in utterances:
            yield Prediction(utterance, self.intent, ["Other"] * len(utterance.tokens))


def prepare(recipe, task_data, session):
    def save(model, folder: Path):
        folder.mkdir(parents=True)
        write_inventory(folder, task_data.store.inventory)
        return {"parameters": 1}

    return Preparation(None, save)


def load(folder, recipe):
    return ConstantSystem(recipe.intent, read_inventory(folder))


KIND = Kind(
    name="constant",
    recipe=ConstantRecipe,
    architecture="other",
    card=ModelCard("massive-kit", "print('nothing to load')", weights=False),
    prepare_path="massive_kit.systems.constant.kind:prepare",
    load_path="massive_kit.systems.constant.kind:load",
    prediction_keys=frozenset({"intent"}),
)
'''


@pytest.fixture
def _constant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "more" / "constant"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""A kind for this test."""\n')
    (package / "kind.py").write_text(KIND)
    monkeypatch.setattr(systems, "__path__", [*systems.__path__, str(package.parent)])
    for module in ("massive_kit.systems.constant", "massive_kit.systems.constant.kind"):
        monkeypatch.delitem(sys.modules, module, raising=False)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_kinds_are_found_by_being_there() -> None:
    assert {"encoder", "majority", "neighbours", "seq2seq"} <= kinds().keys()
    # Rooms that kinds share are not kinds.
    assert not {"retrieval", "text_answers"} & kinds().keys()


@pytest.mark.usefixtures("_constant")
def test_a_folder_is_all_that_a_new_kind_takes(tmp_path: Path) -> None:
    recipe = tmp_path / "constant.yaml"
    recipe.write_text("kind: constant\ntitle: Always the alarm\nintent: alarm_set\n")
    data = ["--task", "demo-full", "--data", "demo"]
    out = tmp_path / "run"
    run("train", recipe, *data, "--out", out)
    facts = json.loads((out / "run.json").read_text())
    assert facts["recipe"]["intent"] == "alarm_set"
    assert "print('nothing to load')" in (out / "model" / "README.md").read_text()

    run("predict", out, *data, "--out", tmp_path / "p.jsonl")
    lines = (tmp_path / "p.jsonl").read_text().splitlines()
    assert {json.loads(line)["pred_intent"] for line in lines} == {"alarm_set"}
    other = run("predict", out, "--text", "hello", "-o", "intent=play_music", "--format", "json")
    assert "play_music" in other

    run("eval", out, *data, "--out", tmp_path / "scores")
    results = tmp_path / "results"
    run(
        *("leaderboard", "add", out, *data, "--results", results, "--resamples", 0),
        *("-o", "team=Test"),
    )
    manifest = next(results.glob("*/*/manifest.yaml")).read_text()
    assert "architecture: other" in manifest
    assert "total: 1" in manifest


@pytest.mark.usefixtures("_constant")
def test_an_unknown_kind_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="not a valid recipe") as caught:
        parse_recipe({"kind": "konstant", "title": "x"}, "r.yaml")
    assert "constant or encoder" in str(caught.value)


def test_a_light_kind_loads_no_heavy_library(tmp_path: Path) -> None:
    script = """
import sys
from massive_kit.cli.app import main
sys.argv = ["massive-kit", *sys.argv[1:]]
try:
    main()
except SystemExit as error:
    assert not error.code, error.code
heavy = {"torch", "transformers", "datasets", "evaluate", "seqeval", "accelerate"} & {*sys.modules}
assert not heavy, heavy
"""
    out = str(tmp_path / "run")
    data = ["--task", "demo-full", "--data", "demo"]
    for arguments in (
        ["train", "majority", *data, "--out", out],
        ["predict", out, *data, "--out", str(tmp_path / "p.jsonl")],
        ["eval", out, *data, "--resamples", "0"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("key", ["layer_decay=0.9", "head_lr=3"])
def test_a_key_that_means_nothing_for_a_kind_is_refused(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_recipe("mt5-base-t2t", [f"optimiser.{key}"])
    name = key.partition("=")[0]
    assert f"{name} cannot be set: a text-to-text model has one learning rate" in str(caught.value)
    assert load_recipe("xlmr-base", [f"optimiser.{key}"]).kind == "encoder"


def test_recipes_that_earlier_versions_saved_are_read() -> None:
    values = load_recipe("mt5-base-t2t").model_dump(mode="json")
    values["optimiser"] |= {"layer_decay": 1.0, "head_lr": 1.0}
    del values["objective"]
    assert parse_recipe(values, "recipe.yaml") == load_recipe("mt5-base-t2t")


# The kinds that need no language model, where the packages of `llm` alone are not installed.
WITHOUT_LLM = """
import sys
from importlib import import_module

sys.modules.update(dict.fromkeys(("peft", "gguf", "openai")))

from massive_kit.errors import MissingExtraError
from massive_kit.systems.kind import kinds
from massive_kit.systems.pretraining.building import decoder_loading

for kind in kinds().values():
    if kind.extra != "llm":
        for reference in (kind.prepare_path, kind.load_path, kind.configure_path):
            import_module(reference.partition(":")[0] or "sys")
# What commands do that need no more than `train`.
for name in ("averaging", "configuring", "ensembling", "glossing", "lexicon_induction"):
    import_module(f"massive_kit.runs.{name}")
for name in ("perturbing", "pseudo_labelling", "search", "text_induction", "training"):
    import_module(f"massive_kit.runs.{name}")
try:
    decoder_loading()
except MissingExtraError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_kind_needs_the_packages_of_its_extra_alone() -> None:
    command = [sys.executable, "-c", WITHOUT_LLM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = "pre-training a decoder needs more packages: pip install 'massive-kit[llm]'"
    assert done.stdout.strip() == expected
