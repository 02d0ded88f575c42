"""Several processes share the dev set out and end with the scores that one process finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from massive_kit.data.ragged import places
from massive_kit.data.task_data import TaskData
from massive_kit.engine import distributed_dev
from massive_kit.engine.distributed_dev import DevShare, RowValues
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.dataset import encode_split
from massive_kit.systems.subwords.placement import Placement

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

# Trains, and predicts the dev set a second time, whole, in every process.
BOTH_WAYS = """
import sys
from pathlib import Path
import numpy as np
from massive_kit.data.opening import open_task
from massive_kit.systems.recipes import load_recipe
from massive_kit.runs.training import train_run
from massive_kit.systems.encoder import training as encoder
from massive_kit.systems.text_answers import dev_set

scores = []

def twice(module, name):
    score, answer = module.score_dev, getattr(module, name)
    def predict(model, data, *further, **options):
        predict.model, predict.further, predict.options = model, further, options
        predict.rows = len(data.intents)
        return answer(model, data, *further, **options)
    def scored(dev, predicted, inventory):
        assert predict.rows < len(dev.intents)
        whole = answer(predict.model, dev, *predict.further, **predict.options)
        # An encoder predicts labels, a text-to-text model values per row.
        intents = getattr(whole, "intents", getattr(whole, "per_row", None))
        labels = getattr(whole, "labels", getattr(whole, "ragged", None))
        assert np.array_equal(predicted.intents, intents)
        assert np.array_equal(predicted.labels, labels)
        scores.append(score(dev, predicted, inventory))
        assert scores[-1] == score(dev, type(predicted)(intents, labels), inventory)
        return scores[-1]
    module.score_dev = scored
    setattr(module, name, predict)

twice(encoder, "infer")
twice(dev_set, "predicted")
task = open_task(sys.argv[1], "demo")
for family in map(Path, sys.argv[2:]):
    scores.clear()
    train_run(load_recipe(str(family / "small.yaml")), task, family / "run")
    assert len(scores) == 2
"""
FAMILIES = ("encoder", "mt5 text-to-text", "decoder")


@pytest.fixture(scope="module")
def trained(
    recipes: dict[str, Recipe], task_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A run of each family, trained by two processes; to start them takes longer than to train."""
    folders = {family: tmp_path_factory.mktemp("family") for family in FAMILIES}
    for family, folder in folders.items():
        values = recipes[family].model_dump(mode="json")
        # In bf16, batches of other rows round in another way.
        values["training"]["precision"] = "fp32"
        (folder / "small.yaml").write_text(yaml.safe_dump(values))
    script = tmp_path_factory.mktemp("script") / "both.py"
    script.write_text(BOTH_WAYS)
    done = subprocess.run(
        [*TORCHRUN, script, task_file, *folders.values()],
        check=False,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return {family: folder / "run" for family, folder in folders.items()}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_score_what_one_scores(family: str, trained: dict[str, Path]) -> None:
    run = trained[family]
    facts = json.loads((run / "run.json").read_text())
    assert facts["processes"] == 2
    dev = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert facts["best"]["value"] == max(
        line["dev"]["exact_match"] for line in dev if "dev" in line
    )


@pytest.mark.parametrize("world", [1, 2, 3])
def test_parts_of_all_processes_are_the_whole(
    world: int, task_data: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = train_tokenizer(["wake me up at five", "明日の朝五時に起こして"] * 3, 400)
    locales = task_data.dev.locales
    dev = encode_split(
        task_data.dev.only(*locales), tokenizer, placement=Placement.raw_text, max_length=64
    )
    shares = [
        DevShare.of(dev.lengths, dev.token_offsets, rank=i, world=world) for i in range(world)
    ]
    assert sorted(np.concatenate([share.rows for share in shares])) == list(range(len(dev)))
    sizes = [int(dev.lengths[share.rows].sum()) for share in shares]
    assert max(sizes) - min(sizes) <= int(dev.lengths.max())
    parts = [dev.taken(share.rows) for share in shares]
    values = [RowValues(part.intents, part.labels) for part in parts]
    everyone: list[Any] = list(zip([share.rows for share in shares], values, strict=True))
    monkeypatch.setattr(distributed_dev, "gather_object", lambda _: everyone)
    for share, part_values in zip(shares, values, strict=True):
        joined = share.joined(part_values)
        assert np.array_equal(joined.per_row, dev.intents)
        assert np.array_equal(joined.ragged, dev.labels)
    row = int(shares[-1].rows[-1])
    subwords = places(dev.subword_offsets, np.array([row]))
    batch = parts[-1].batch(np.array([len(parts[-1]) - 1]))
    assert batch["input_ids"][0].tolist() == dev.subwords[subwords].tolist()


def test_more_processes_than_rows_leave_some_without_any(task_data: TaskData) -> None:
    share = DevShare.of(np.array([3]), np.array([0, 2]), rank=1, world=2)
    assert not len(share.rows)
    tokenizer = train_tokenizer(["wake me up at five"] * 3, 300)
    dev = encode_split(
        task_data.dev.only("en-US"), tokenizer, placement=Placement.raw_text, max_length=64
    )
    assert len(dev.taken(share.rows)) == 0
