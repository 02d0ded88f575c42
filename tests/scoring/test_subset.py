"""Scores of a part of a test set say so wherever they are, and meet no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.store import Store
from massive_kit.data.subset import subset_name
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.publish.site import load_model
from massive_kit.schema.board import load_board
from massive_kit.schema.scores import DataRef
from massive_kit.schema.task import load_task
from massive_kit.scoring.evaluation import evaluate
from massive_kit.submission.index import TaskIndex
from tests.publish.boards import damaged, manifest


def scored(task_data: TaskData, out: Path, share: float = 0.2) -> Path:
    gold = task_data.test.labels()
    evaluate(gold, damaged(gold, share, 1), task_data, resamples=50).save(out)
    return out


def test_scores_name_the_part_and_those_of_the_whole_are_as_ever(
    lite_data: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    part = json.loads((scored(lite_data, tmp_path / "part") / "scores.json").read_text())
    whole_data = lay_task(load_task("demo-full"), demo_store)
    whole = json.loads((scored(whole_data, tmp_path / "whole") / "scores.json").read_text())
    name = subset_name(lite_data.test.labels().ids)
    assert part["data"]["subset"] == name
    assert f"|split:test|subset:{name}|locales:3@" in part["signature"]
    assert part["locales"]["ja-JP"]["n"] == 32
    assert part["interval"]["unit"] == "ids shared by all locales"
    assert "subset" not in whole["data"]
    assert "subset" not in whole["signature"]


def test_a_part_is_not_compared_with_the_whole(
    lite_data: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    # The same name and the same setting: the rows alone differ.
    task = lite_data.task
    whole = task.model_copy(update={"test": task.test.model_copy(update={"ids": None})})
    folders = [
        scored(lite_data, tmp_path / "part"),
        scored(lay_task(whole, demo_store), tmp_path / "whole"),
    ]
    result = CliRunner().invoke(app, ["compare", *map(str, folders)])
    assert result.exit_code == 1
    assert "cannot be compared" in str(result.exception)


def test_utterances_of_a_part_are_found_again(lite_data: TaskData, tmp_path: Path) -> None:
    folder = scored(lite_data, tmp_path / "part", 0.6)
    command = ["breakdown", str(folder), "--data", "demo", "--format", "json"]
    for option in (["--errors", "3", "--locale", "ja-JP"], ["--by", "seen"]):
        result = CliRunner().invoke(app, [*command, *option])
        assert result.exit_code == 0, result.output


def test_the_board_never_ranks_a_part_with_the_whole(
    lite_data: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    task = lite_data.task
    whole = task.model_copy(update={"test": task.test.model_copy(update={"ids": None})})
    name = subset_name(lite_data.test.labels().ids)
    kept = {"part": lite_data, "whole": lay_task(whole, demo_store)}
    for system, task_data in kept.items():
        folder = tmp_path / "results" / system / "1"
        scored(task_data, folder)
        (folder / "labels.npz").unlink()
        manifest(folder, system, "1", task="demo-lite", setting="in-context")

    def sections(text: str) -> dict[str, list[str]]:
        (tmp_path / "board.yaml").write_text(f"title: T\n{text}")
        model = load_model(tmp_path)
        return {s.section.id: [e.manifest.system for e in s.entries] for s in model.sections}

    ending = name.replace("@", "-")
    assert sections("") == {
        "task-demo-lite-in-context": ["whole"],
        f"task-demo-lite-in-context-{ending}": ["part"],
    }
    wide = "sections: [{id: all, title: All, tasks: ['demo-*']}"
    assert sections(f"{wide}]") == {
        "all": ["whole"],
        f"task-demo-lite-in-context-{ending}": ["part"],
    }
    lite = f"{{id: lite, title: Lite, tasks: [demo-lite], subset: {name}}}"
    assert sections(f"{wide}, {lite}]") == {"all": ["whole"], "lite": ["part"]}


def test_the_shipped_board_has_a_section_for_the_lite_task() -> None:
    from massive_kit import content

    board = load_board(content.installed_root() / "leaderboard" / "board.yaml")
    index = TaskIndex.shipped("massive-lite-200")
    assert index is not None
    name = subset_name(index.ids)
    held = [s.id for s in board.sections if s.holds("massive-lite-200", "in-context", name)]
    assert held == ["in-context-lite"]
    assert not any(
        s.holds("massive-lite-200", "in-context", "200@00000000") for s in board.sections
    )


@pytest.mark.parametrize("name", ["200", "0@00000000", "200@xyz", ""])
def test_a_wrong_name_of_a_part_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="subset"):
        DataRef(name="x", version="", hash="0", partition="test", subset=name)
