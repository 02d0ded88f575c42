"""Runs on a GPU: they go on where they were stopped, repeat, and make do with little memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from massive_kit.data.task_data import TaskData
from massive_kit.errors import TrainingError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from tests.gpu.tiny_recipes import tiny
from tests.stopped_runs import assert_it_goes_on, log, weights

# Activations outweigh all else.
WIDE = {"intermediate_size": 8192}
LARGE, SMALL = 2048, 512


@pytest.mark.gpu
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(
    families: dict[str, dict[str, Any]], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = tiny(families["encoder"], deterministic=True, average=0.9)
    whole = train_run(recipe, task_data, tmp_path / "whole")
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "cut")


@pytest.mark.gpu
@pytest.mark.parametrize("family", ["encoder", "mt5 text-to-text"])
def test_a_deterministic_run_repeats_bit_for_bit(
    family: str, families: dict[str, dict[str, Any]], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = tiny(families[family], deterministic=True, evaluations=1)
    first, again = (train_run(recipe, task_data, tmp_path / name) for name in ("1", "2"))
    assert log(first.path) == log(again.path)
    expected, computed = weights(first), weights(again)
    assert expected.keys() == computed.keys()
    assert all(torch.equal(expected[name], computed[name]) for name in expected)


@pytest.fixture
def _all_memory() -> Iterator[None]:
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.gpu
@pytest.mark.usefixtures("_all_memory")
def test_a_run_out_of_memory_says_so_or_takes_smaller_batches(
    families: dict[str, dict[str, Any]], task_data: TaskData, tmp_path: Path
) -> None:
    values = families["encoder"]
    values = values | {"model": values["model"] | {"config": values["model"]["config"] | WIDE}}

    def trained(name: str, tokens: int, *, shrink: bool = False) -> RunFolder:
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        recipe = tiny(
            values, batch_tokens=tokens, shrink_on_oom=shrink, evaluations=1, precision="fp32"
        )
        return train_run(recipe, task_data, tmp_path / name)

    trained("small", SMALL)
    enough = torch.cuda.max_memory_reserved()
    trained("large", LARGE)
    needed = torch.cuda.max_memory_allocated()
    assert enough < needed
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((enough + needed) / 2 / total)
    with pytest.raises(TrainingError, match="memory ran out; make batches smaller"):
        trained("told", LARGE)
    shrunk = trained("shrunk", LARGE, shrink=True)
    assert shrunk.facts()["batch_tokens"] < LARGE
