"""`train` prepares a run of a prompted model and sends nothing; a prompt can be looked at."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import PromptedSystem, Utterance
from massive_kit.systems.recipes import load_recipe, with_seed

ENDPOINT = ["model.backend=openai", "model.base=tester", "model.endpoint=http://localhost:9/v1"]


def shown(run: Path, text: str = "weck mich um fünf", locale: str = "de-DE") -> str:
    system = load_system(run)
    assert isinstance(system, PromptedSystem)
    return system.prompt(Utterance("x", locale, text, text.split()))


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was sent")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("_no_network")
@pytest.mark.parametrize("layout", ["two_step", "annotated", "json"])
@pytest.mark.parametrize("backend", [[], ENDPOINT], ids=["transformers", "openai"])
def test_training_freezes_and_sends_nothing(
    layout: str, backend: list[str], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = load_recipe("prompted", [*backend, f"prompt.format={layout}", "demonstrations.k=3"])
    run = train_run(recipe, task_data, tmp_path / "run")
    facts = run.facts()
    assert facts["in_context"]["demonstrations"] == 3
    assert facts["in_context"]["format"] == layout
    lines = (run.path / "prompt.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["locale"] for line in lines[1:]} == {"en-US"}
    prompt = shown(run.path)
    assert prompt.count("Utterance: ") == 4
    assert prompt.index("weck mich um fünf") > prompt.rindex("Utterance: ")
    assert ("\n[assistant]\n" in prompt) == bool(backend)
    again = train_run(recipe, task_data, tmp_path / "again")
    assert (again.path / "prompt.jsonl").read_bytes() == (run.path / "prompt.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("languages", "used"), [("source", ["en-US"]), ("own", ["en-US", "ja-JP"])]
)
def test_a_run_used_the_labels_of_its_demonstrations(
    languages: str, used: list[str], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = load_recipe("prompted", [f"demonstrations.languages={languages}"])
    run = train_run(recipe, task_data, tmp_path / "run")
    (labels,) = run.facts()["resources"]
    assert (labels["resource"], labels["locales"]) == ("target-labels", used)
    lines = (run.path / "prompt.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["locale"] for line in lines[1:]} == {*used}


def test_words_come_from_the_content(
    task_data: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    (root / "baselines" / "prompts").mkdir(parents=True)
    (root / "data_cards").mkdir()
    texts = {"intent": "Do", "slots": "Do", "both": "Do"}
    own = {"intent": "Nenne die Absicht", "slots": "x", "both": "x"}
    instructions = root / "baselines" / "prompts" / "instructions.yaml"
    instructions.write_text(json.dumps({"en": texts, "ja": own}))
    described = {"intents": {"alarm_set": "Sets an\n alarm."}, "slots": {}}
    (root / "data_cards" / "labels.yaml").write_text(json.dumps(described))
    recipe = load_recipe("prompted", ["prompt.language=own", "prompt.labels=described"])
    monkeypatch.setenv("MASSIVE_KIT_ROOT", str(root))
    run = train_run(recipe, task_data, tmp_path / "run")
    assert "Nenne die Absicht" in shown(run.path, locale="ja-JP")
    assert shown(run.path, locale="de-DE").startswith("Do\n")
    assert "- alarm_set: Sets an alarm.\n" in shown(run.path)
    instructions.write_text(json.dumps({"de": {"intent": 5}}))
    with pytest.raises(ConfigError, match="no English instructions"):
        train_run(recipe, task_data, tmp_path / "other")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["model.backend=openai"], "needs endpoint"),
        (["model.endpoint=http://x"], "endpoint cannot be set for backend transformers"),
        ([*ENDPOINT, "model.revision=x"], "revision cannot be set"),
        (["demonstrations.choose=nearest"], "needs vectors"),
        (["demonstrations.vectors=x"], "vectors are for choose nearest"),
        ([*ENDPOINT[:2], "model.endpoint=ftp://x"], "address such as"),
        ([*ENDPOINT, "decoding.concurrency=0"], "concurrency"),
        (["budget.cost=1"], "needs prices"),
        (["demonstrations.choose=random", "demonstrations.ids=[a]"], "ids are for choose fixed"),
        (["demonstrations.choose=fixed", "demonstrations.k=0", "demonstrations.ids=[a]"], "1 ids"),
    ],
)
def test_a_wrong_recipe_is_told(options: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_recipe("prompted", options)


@pytest.mark.parametrize("address", ["http://me:s3cret@x/v1", "http://x/v1?key=s3cret"])
def test_a_key_in_an_address_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        load_recipe("prompted", [*ENDPOINT[:2], f"model.endpoint={address}"])
    assert "s3cret" not in str(caught.value)


def test_rows_that_are_not_there_are_told(task_data: TaskData, tmp_path: Path) -> None:
    recipe = load_recipe("prompted", ["demonstrations.choose=fixed", "demonstrations.ids=[nope]"])
    with pytest.raises(ConfigError, match=r"demonstrations\.ids: nope"):
        train_run(recipe, task_data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_is_not_there_is_told(task_data: TaskData, tmp_path: Path) -> None:
    recipe = load_recipe("prompted", [f"model.base={tmp_path / 'nothing'}"])
    with pytest.raises(MissingDataError, match=r"model\.base: no folder .*nothing; name a folder"):
        train_run(recipe, task_data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_seeds_draw_other_demonstrations(task_data: TaskData, tmp_path: Path) -> None:
    recipe = load_recipe("prompted", ["demonstrations.choose=fixed"])
    runs = [train_run(with_seed(recipe, seed), task_data, tmp_path / str(seed)) for seed in (0, 1)]
    prompts = [(run.path / "prompt.jsonl").read_bytes() for run in runs]
    assert prompts[0] != prompts[1]
    assert [known_of_run(run)["seeds"] for run in runs] == [[0], [1]]


def test_a_damaged_prompt_is_told(task_data: TaskData, tmp_path: Path) -> None:
    run = train_run(load_recipe("prompted"), task_data, tmp_path / "run")
    path = run.path / "prompt.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"{}\n"]))
    with pytest.raises(MassiveKitError, match=r"prompt\.jsonl:3"):
        load_system(run.path)
    path.unlink()
    with pytest.raises(MassiveKitError, match="train again"):
        load_system(run.path)


def test_the_command_line_shows_a_prompt(
    task_data: TaskData, task_file: Path, recipes: dict[str, Recipe], tmp_path: Path
) -> None:
    run = train_run(load_recipe("prompted", ENDPOINT), task_data, tmp_path / "run").path

    def invoke(*arguments: object) -> Any:
        return CliRunner().invoke(app, ["predict", *map(str, arguments), "--show-prompt"])

    task = ["--task", task_file, "--data", "demo"]
    assert "Utterance: wake me up at nine am" in invoke(run).stdout
    assert "Utterance: hallo" in invoke(run, "--text", "hallo", "--locale", "de-DE").stdout
    first = task_data.test.only("en-US").read(["utt"]).column("utt")[0].as_py()
    assert f"Utterance: {first}\n" in invoke(run, *task).stdout
    train_run(recipes["majority"], task_data, tmp_path / "majority")
    refused = invoke(tmp_path / "majority")
    assert refused.exit_code != 0
    assert "asks no language model" in str(refused.exception)
    assert RunFolder(run).facts()["kind"] == "prompted"


@pytest.mark.usefixtures("_no_network")
def test_the_nearest_are_found_by_an_encoder(
    small_encoder: Path, task_data: TaskData, tmp_path: Path
) -> None:
    options = [*ENDPOINT, "demonstrations.choose=nearest", "demonstrations.k=3"]
    recipe = load_recipe("prompted", [*options, f"demonstrations.vectors={small_encoder}"])
    run = train_run(recipe, task_data, tmp_path / "run")
    row = task_data.train.only("en-US").read(["utt", "id"]).slice(7, 1).to_pylist()[0]
    text = f"{row['utt']} please"
    # The best stands beside the utterance.
    asked = shown(run.path, text, "en-US").split("Utterance: ")
    assert asked[-2].startswith(row["utt"])
    path = run.path / "model" / "bases.json"
    assert json.loads(path.read_text()) == {"demonstrations.vectors.base": str(small_encoder)}
    vectors = run.path / "model" / "vectors.safetensors"
    other = tmp_path / "other"
    train_run(
        load_recipe(
            "prompted",
            [*options, f"demonstrations.vectors={small_encoder}", "demonstrations.pool=20"],
        ),
        task_data,
        other,
    )
    shutil.copy(other / "model" / "vectors.safetensors", vectors)
    with pytest.raises(MassiveKitError, match="not the one that the run was prepared with"):
        shown(run.path)
