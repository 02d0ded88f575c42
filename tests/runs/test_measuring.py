"""What systems need: each in a process of its own, on real text, with what it was measured on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import MassiveKitError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.measured_process import floor_times
from massive_kit.runs.measuring import Measurement
from massive_kit.runs.training import train_run
from massive_kit.schema.cost import Cost
from massive_kit.schema.task import load_task
from massive_kit.systems.recipes import load_recipe


@pytest.fixture(scope="module")
def run(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    task_data = lay_task(load_task("demo-full"), demo_store)
    return train_run(
        load_recipe("majority"), task_data, tmp_path_factory.mktemp("majority") / "run"
    )


def test_a_system_is_measured_on_text_of_each_locale(run: RunFolder, tmp_path: Path) -> None:
    words = ["measure", run.path, "--data", "demo", "--rows", 2, "--repetitions", 2]
    words += ["--locale", "de-DE", "--locale", "ja-JP", "--out", tmp_path]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output
    assert "majority" in done.stdout
    cost = Cost.model_validate(json.loads((tmp_path / "cost.json").read_text()))
    assert (cost.utterances, cost.locales, cost.threads) == (4, ["de-DE", "ja-JP"], 1)
    assert len(cost.scripts) == 2
    (system,) = cost.systems
    assert (system.kind, system.name, system.floor) == ("majority", "run", None)
    assert 0 < system.latency.p50 <= system.latency.p99 < 1000 * system.cold_start_seconds
    assert system.peak_memory_mib > 20
    assert system.model_bytes == sum(
        path.stat().st_size for path in run.model.iterdir() if path.name != "README.md"
    )
    assert not {"node", "host", "hostname"} & {*cost.machine}


def test_a_system_that_cannot_be_loaded_is_told(
    run: RunFolder, demo_store: Store, tmp_path: Path
) -> None:
    (run.model / "majority.json").rename(tmp_path / "away")
    task_data = lay_task(load_task("demo-full"), demo_store)
    measurement = Measurement(task_data, ("de-DE",), 1, 1, note=lambda text: None)
    try:
        with pytest.raises(MassiveKitError, match=r"cannot be measured: .*cannot be loaded"):
            measurement.measure([run.path])
    finally:
        (tmp_path / "away").rename(run.model / "majority.json")


def test_the_floor_takes_longer_for_more_subwords() -> None:
    times = np.array(floor_times([(256, 256), (256, 1024)], [1, 512], 5)).reshape(5, 2)
    assert (times > 0).all()
    assert np.median(times[:, 1]) > np.median(times[:, 0])
