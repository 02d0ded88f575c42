"""A sweep on the demo corpus, with a system that is trained at once."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.opening import open_task
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.sweep.axes import parse_axes
from massive_kit.runs.sweep.data_keys import DataPoint, laid
from massive_kit.runs.sweep.grid import Sweep, cells, check_new
from massive_kit.runs.sweep.results import scored_runs, sweep_tables, write_csv
from massive_kit.runs.sweep.running import is_scored, run_sweep

OVER = ["data.per_intent=0,1,all"]


def plan(demo_store: Store, out: Path, over: list[str], seeds: tuple[int, ...] = (0,)) -> Sweep:
    task = open_task("demo-full", demo_store).task
    few = task.train.model_copy(update={"locales": ["en-US", "de-DE", "sw-KE"]})
    test = task.test.model_copy(update={"locales": ["de-DE", "sw-KE"]})
    task = task.model_copy(update={"train": few, "test": test})
    return Sweep("majority", (), tuple(parse_axes(over)), seeds, task, demo_store, out)


def test_rows_are_drawn_of_all_but_the_source(demo_store: Store, tmp_path: Path) -> None:
    task = plan(demo_store, tmp_path, OVER).task
    none, few, many = (
        laid(task, demo_store, DataPoint.of({"per_intent": text}, 3), tmp_path)
        for text in ("0", "2", "all")
    )
    english = many.train.only("en-US").rows
    assert none.train.locales == ("en-US",)
    assert few.train.only("en-US").rows == none.train.rows == english
    intents = few.train.only("de-DE").read(["intent"]).column("intent").to_pylist()
    assert max(map(intents.count, intents)) == 2
    assert few.train.rows < many.train.rows
    assert few.test.hash == many.test.hash


def test_runs_are_trained_scored_and_not_again(demo_store: Store, tmp_path: Path) -> None:
    what = plan(demo_store, tmp_path / "sweep", OVER, seeds=(0, 1))
    grid = cells(what)
    told = []
    run_sweep(what, grid[:2], resamples=0)
    assert [is_scored(cell) for cell in grid] == [True, True, False, False, False, False]
    before = (grid[0].run / "run.json").stat().st_mtime_ns
    run_sweep(what, grid, resamples=0)
    assert (grid[0].run / "run.json").stat().st_mtime_ns == before
    scored = scored_runs(grid)
    write_csv(tmp_path / "sweep.csv", what.axes, scored)
    with (tmp_path / "sweep.csv").open() as stream:
        told = list(csv.DictReader(stream))
    assert len(told) == 6 * 3
    assert {line["data.per_intent"] for line in told} == {"0", "1", "all"}
    assert {line["locale"] for line in told} == {"pooled", "de-DE", "sw-KE"}
    languages = open_task(what.task, demo_store).languages
    runs, ladder = sweep_tables(what.axes, scored, languages, ["exact_match"])
    assert [row[:2] for row in runs.rows] == [("0", 2), ("1", 2), ("all", 2)]
    # What has all rows is on no curve of their number.
    assert [column.key for column in ladder.columns][2:5] == ["k0", "k1", "all"]
    assert all(row[4] for row in ladder.rows)


def test_what_goes_on_from_a_run_is_that_run_without_rows_of_other_languages(
    demo_store: Store, plain: RunFolder, tmp_path: Path
) -> None:
    over = ["data.per_intent=0,1"]
    what = replace(
        plan(demo_store, tmp_path, over, seeds=(0, 1)),
        recipe="small-encoder-zeroshot",
        overrides=(f"model.base={plain.path}", "model.heads=base", "model.subword_sampling=0"),
    )
    stands, *trained = cells(what)
    assert (stands.run, stands.trains) == (plain.path, False)
    assert [cell.trains for cell in trained] == [True, True]
    anew = replace(what, overrides=(*what.overrides, "model.heads=new"))
    assert [cell.trains for cell in cells(anew)] == [True] * 4


def test_a_run_of_another_recipe_is_not_taken_for_this_one(
    demo_store: Store, tmp_path: Path
) -> None:
    what = plan(demo_store, tmp_path / "sweep", ["data.per_intent=1"])
    run_sweep(what, cells(what), resamples=0)
    other = Sweep("majority", ("title=Other",), what.axes, (0,), what.task, demo_store, what.out)
    with pytest.raises(ConfigError) as caught:
        cells(other)
    assert "title" in str(caught.value.problems)


def test_a_point_without_rows_needs_a_run_to_stand_for_it(
    demo_store: Store, tmp_path: Path
) -> None:
    what = plan(demo_store, tmp_path, OVER)
    split = what.task.train.model_copy(update={"locales": ["de-DE"]})
    alone = what.task.model_copy(update={"train": split})
    with pytest.raises(ConfigError) as caught:
        cells(Sweep("majority", (), what.axes, (0, 1), alone, demo_store, tmp_path))
    assert [problem.found for problem in caught.value.problems] == ["no row is left to train on"]


def test_every_mistake_of_the_grid_is_told_once(demo_store: Store, tmp_path: Path) -> None:
    what = plan(demo_store, tmp_path, ["data.per_intent=x,-1", "data.mixed=1"], seeds=(0, 1))
    with pytest.raises(UsageError) as caught:
        cells(what)
    assert str(caught.value).count("data.mixed: unknown") == 2
    assert "data.per_intent=x" in str(caught.value)
    assert "data.per_intent=-1" in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_a_sweep_is_gone_on_with_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with pytest.raises(ConfigError, match="the folder is taken"):
        check_new(tmp_path, resume=False)
    check_new(tmp_path, resume=True)


def test_the_command_lists_runs_and_trains_none(tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    options = ["--task", "demo-full", "--data", "demo", "--over", "data.per_intent=0,1"]
    done = CliRunner().invoke(
        app, ["sweep", "majority", *options, "--seeds", "0,1", "--dry-run", "--out", str(out)]
    )
    assert done.stdout.splitlines()[0] == "per_intent-0, seed 0"
    assert len(done.stdout.splitlines()) == 4
    assert not out.exists()
