"""From pre-training to a fine-tuned student in four commands, one of them killed on its way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.systems.encoder.saved_vocabulary import read_full_ids
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import load_recipe
from tests.small_systems import BODY
from tests.stopped_runs import assert_it_goes_on

TRAINING = {"epochs": 1, "batch_tokens": 512, "evaluations": 2, "dev_rows": 10, "train_rows": 60}
PRETRAINING = {
    "kind": "pretraining",
    "title": "Tiny text",
    "model": {
        "architecture": "encoder",
        "config": BODY | {"num_hidden_layers": 2},
        "tokenizer": {"vocabulary": 700},
    },
    "objective": {"name": "mlm"},
    "training": TRAINING,
}
ENCODER = {
    "kind": "encoder",
    "title": "Tiny encoder",
    "model": {"base": "named below"},
    "training": TRAINING,
}
STUDENT = {
    "kind": "encoder",
    "title": "Tiny student",
    "model": {
        "from": {"run": "named below", "layers": [1]},
        "heads": "base",
        "feed_forward": 48,
        "vocabulary": "trimmed",
    },
    "objective": {
        "auxiliary": {"distillation": 1.0},
        "auxiliary_settings": {"distillation": {"teacher": "named below", "hidden": 0.3}},
    },
    "training": TRAINING | {"epochs": 2},
}


@pytest.mark.slow
def test_four_commands_make_a_student_that_knows_where_it_comes_from(
    task_file: Path, task_data: TaskData, tmp_path: Path
) -> None:
    def train(name: str, recipe: dict[str, Any], *options: str) -> RunFolder:
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(recipe))
        command = ["train", str(file), "--task", str(task_file), "--data", "demo"]
        command += ["--out", str(tmp_path / name)]
        result = CliRunner().invoke(app, [*command, *(f"-o{option}" for option in options)])
        assert result.exit_code == 0, result.output
        return RunFolder(tmp_path / name)

    text = train("text", PRETRAINING)
    teacher = train("teacher", ENCODER, f"model.base={text.path}")
    taught = f"objective.auxiliary_settings.distillation.teacher={teacher.path}"
    student = train("student", STUDENT, f"model.from.run={teacher.path}", taught)
    overrides = [f"model.from.run={teacher.path}", taught]
    recipe = load_recipe(str(tmp_path / "student.yaml"), overrides)
    resumed = assert_it_goes_on(recipe, task_data, student, tmp_path / "stopped")
    tuned = train("tuned", ENCODER, f"model.base={resumed.path}", "model.heads=base")

    def chain(facts: dict[str, Any]) -> list[str]:
        parents = facts["parents"]
        return [facts["title"], *(chain(parents[0]) if parents else [])]

    assert chain(tuned.facts()) == ["Tiny encoder", "Tiny student", "Tiny encoder", "Tiny text"]
    sizes = [run.facts()["parameters_without_embeddings"] for run in (teacher, student, tuned)]
    assert sizes[0] > sizes[1] == sizes[2]
    facts = student.facts()
    assert facts["vocabulary"] <= facts["vocabulary_of_base"]
    assert facts["taught_rows"] == 120
    ids, kept = (read_full_ids(run.model) for run in (student, tuned))
    assert ids is not None
    assert kept is not None
    assert np.array_equal(ids, kept)
    system = load_system(tuned.path)
    (prediction,) = system.predict([Utterance("1", "el-GR", "ξύπνα με", ["ξύπνα", "με"])])
    assert len(prediction.labels) == 2
    # What is there is not trained again, and the student may start anew from what was kept.
    assert train_run(recipe, task_data, resumed.path, resume=True).path == resumed.path
