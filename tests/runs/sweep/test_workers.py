"""A sweep of several runs at a time, by Ray on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.opening import open_task
from massive_kit.data.store import Store
from massive_kit.errors import MassiveKitError
from massive_kit.runs.sweep.axes import parse_axes
from massive_kit.runs.sweep.grid import Cell, Sweep, cells
from massive_kit.runs.sweep.results import scored_runs
from massive_kit.runs.sweep.running import SweepDisplay, is_scored, run_sweep, silent


def plan(demo_store: Store, out: Path) -> Sweep:
    task = open_task("demo-full", demo_store).task
    few = task.train.model_copy(update={"locales": ["de-DE"]})
    test = task.test.model_copy(update={"locales": ["de-DE", "sw-KE"]})
    task = task.model_copy(update={"train": few, "test": test})
    axes = tuple(parse_axes(["data.per_intent=1,all"]))
    return Sweep("majority", (), axes, (0, 1), task, demo_store, out)


@pytest.mark.slow
# Of Ray's own processes and sockets.
@pytest.mark.filterwarnings("ignore")
def test_two_workers_leave_what_one_leaves(demo_store: Store, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    alone, together = (plan(demo_store, tmp_path / name) for name in ("alone", "together"))
    run_sweep(alone, cells(alone), resamples=0)
    grid = cells(together)
    run_sweep(together, grid[:1], resamples=0)
    first = (grid[0].run / "run.json").stat().st_mtime_ns

    starts: list[tuple[str, int, int]] = []

    def started(cell: Cell, number: int, several: int) -> None:
        starts.append((cell.name, number, several))

    display = SweepDisplay(started, silent().training, silent().predicting)
    run_sweep(together, grid, resamples=0, workers=2, display=display)
    assert not ray.is_initialized()
    # What was done before is not done again, and each other run is told of once.
    assert (grid[0].run / "run.json").stat().st_mtime_ns == first
    assert sorted(name for name, _, _ in starts) == sorted(cell.name for cell in grid[1:])
    assert [(number, several) for _, number, several in starts] == [(2, 4), (3, 4), (4, 4)]
    assert all(map(is_scored, grid))
    scores = [
        [json.loads((cell.scores / "scores.json").read_text())["locales"] for cell in cells(sweep)]
        for sweep in (alone, together)
    ]
    assert scores[0] == scores[1]
    assert len(scored_runs(grid)) == 4

    # A worker's refusal is told as it is where one process runs it.
    refused = plan(demo_store, tmp_path / "refused")
    grid = cells(refused)
    grid[1].run.mkdir(parents=True)
    (grid[1].run / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(MassiveKitError, match="holds other files"):
        run_sweep(refused, grid[:2], resamples=0, workers=2)
    assert not ray.is_initialized()
