"""`eval RUN --perturb`: a system's answers to utterances and to their variants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.intake.importing import import_source
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.recipes import parse_recipe
from tests.data.hand_made import made_store, written

ROWS = {
    "1": ("alarm_set", "stell einen wecker"),
    "2": ("alarm_set", "stell [event_name : wecker] um [time : fünf]"),
    "3": ("music_query", "welches lied läuft"),
    "4": ("music_query", "wie heißt das lied"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    folder = tmp_path_factory.mktemp("perturbing")
    split = {"partition": "train", "locales": ["de-DE"]}
    values = {"name": "made", "title": "made", "setting": "full", "data": ["made"]}
    made_store(folder, {"de-DE": ROWS})
    # The same utterances once more, to be scored.
    lines = (folder / "rows.jsonl").read_text(encoding="utf-8")
    scored = lines.replace('"train"', '"test"').replace('"id": "', '"id": "t')
    (folder / "both.jsonl").write_text(f"{lines}\n{scored}", encoding="utf-8")
    store = import_source(folder / "both.jsonl", folder / "store", name="made", scheme="runs").store
    test = {**split, "partition": "test"}
    task = Task.model_validate({**values, "train": split, "dev": split, "test": test})
    (folder / "made.yaml").write_text(yaml.safe_dump(task.model_dump(mode="json")))
    written(folder / "deu", "stellen\tstell\tV;IMP;2;SG", "stellen\tstellt\tV;IMP;2;PL",
            "stellen\tstellen\tV;IND;PRS;1;PL")  # fmt: skip
    return lay_task(task, store)


def run(made: TaskData, folder: Path, recipe: Recipe) -> Path:
    return train_run(recipe, made, folder / "run").path


def evaluated(made: TaskData, *arguments: object) -> str:
    task = made.store.path.parent / "made.yaml"
    data = ["--task", str(task), "--data", str(made.store.path)]
    result = CliRunner().invoke(app, ["eval", *map(str, arguments), *data])
    return result.stdout if result.exit_code == 0 else str(result.exception or result.output)


def test_who_answers_always_the_same_never_flips(made: TaskData, tmp_path: Path) -> None:
    majority = run(made, tmp_path, parse_recipe({"kind": "majority", "title": "m"}, "m"))
    table = ["--morphology", made.store.path.parent / "deu", "--format", "json"]
    out = ["--out", tmp_path / "out", "--resamples", 20]
    text = evaluated(made, majority, "--perturb", "inflect", *table, *out)
    rows = json.loads(text)["perturb-inflect"]["rows"]
    assert [row["locale"] for row in rows] == ["de-DE", "all"]
    assert rows[0]["pairs"] == 2
    assert rows[0]["intent_flips"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert rows[0]["match_flips"]["value"] == 0.0
    # It is right of the first, which has no slot, whatever its form.
    assert (rows[0]["before"]["value"], rows[0]["after"]["value"]) == (0.5, 0.5)
    assert json.loads((tmp_path / "out" / "perturb-inflect.json").read_text()) == json.loads(text)
    noisy = evaluated(made, majority, "--perturb", "noise")
    assert "One slip of the hand" in noisy
    assert "de-DE" in noisy


def test_a_system_that_knows_words_alone_flips(
    made: TaskData, small_encoder: Path, tmp_path: Path
) -> None:
    values = {"kind": "neighbours", "title": "n", "precision": "fp32", "vote": {"k": 1}}
    near = run(made, tmp_path, parse_recipe({**values, "model": {"base": str(small_encoder)}}, "n"))
    text = evaluated(made, near, "--perturb", "noise", "--format", "json", "--resamples", 20)
    row = json.loads(text)["perturb-noise"]["rows"][-1]
    assert row["pairs"] == 4
    # Each has itself for a neighbour, whose slots are copied where they can be found.
    assert row["before"]["value"] >= 0.75
    assert row["match_flips"]["value"] >= abs(row["change"]["value"])
    assert row["answer_flips"]["value"] >= row["intent_flips"]["value"]


def test_wrong_wishes(made: TaskData, tmp_path: Path) -> None:
    majority = run(made, tmp_path, parse_recipe({"kind": "majority", "title": "m"}, "m"))
    file = written(tmp_path / "p.jsonl", "{}")
    table = written(tmp_path / "d", "a\tb\tV;IMP")
    other = f"de={table}"
    for arguments, message in (
        ((file, "--perturb", "noise"), "takes one run, not predictions"),
        ((majority, "--perturb", "inflect"), "name files with --morphology"),
        ((majority, "--morphology", "x"), "--morphology goes with --perturb inflect"),
        ((majority, "--perturb", "noise", "--by", "genus"), "--perturb does not go with --by"),
        ((majority, "--perturb", "inflect", "--morphology", other), "no utterance of made has"),
    ):
        assert message in evaluated(made, *arguments)
