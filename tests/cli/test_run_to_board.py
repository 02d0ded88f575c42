"""From a recipe to a row of a board on any task: `train`, `eval RUN`, `leaderboard add RUN`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.scores import Scores

SAID = ("system=counted", "version=1", "title=Counted", "team=We", "date=2026-01-31")


def run(*arguments: object) -> Result:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def write_task(
    folder: Path, name: str, train: list[str], test: list[str], source: str | None = None
) -> Path:
    values = {
        "name": name,
        "title": name,
        "setting": "full" if set(test) <= set(train) else "zero-shot",
        "data": ["demo"],
        "train": {"partition": "train", "locales": train},
        "dev": {"partition": "dev", "locales": train},
        "test": {"partition": "test", "locales": test},
        "source_locale": source,
    }
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tasks whose names and locales could be taken for each other's."""
    folder = tmp_path_factory.mktemp("tasks")
    given = {
        "one": (["en-US"], ["en-US"], "en-US"),
        # Its name is the start of another's, and a locale is the start of a third's.
        "one-more": (["en-US"], ["de-DE", "en-US"], "en-US"),
        "en-us": (["en-US"], ["en-US"], None),
        "demo": (["en-US"], ["ja-JP"], None),
        # Tested in one locale, and predicted in the one that was trained on, too.
        "across": (["en-US"], ["ja-JP"], "en-US"),
    }
    return {name: write_task(folder, name, *task) for name, task in given.items()}


@pytest.fixture(scope="module")
def counted(tasks: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was evaluated on all of them."""
    folder = tmp_path_factory.mktemp("runs") / "counted"
    run("train", "majority", "--task", tasks["one"], "--out", folder)
    for name, task in tasks.items():
        run("eval", folder, "--task", task, "--out", folder.parent / name)
    return folder


@pytest.mark.parametrize("name", ["one", "one-more", "en-us", "demo", "across"])
def test_a_run_goes_on_the_board(
    name: str, tasks: dict[str, Path], counted: Path, tmp_path: Path
) -> None:
    facts = [part for key in SAID for part in ("-o", key)]
    arguments = ["leaderboard", "add", counted, "--task", tasks[name], "--results", tmp_path]
    run(*arguments, *facts)
    (path,) = tmp_path.glob("*/*/scores.json")
    added = Scores.model_validate_json(path.read_text(encoding="utf-8"))
    kept = (counted.parent / name / "scores.json").read_text(encoding="utf-8")
    assert added.task == name
    assert added.averages == Scores.model_validate_json(kept).averages


def test_the_source_locale_stands_apart(counted: Path) -> None:
    files = {str(path.relative_to(counted)) for path in counted.glob("predictions/across/**/*.gz")}
    assert files == {
        "predictions/across/demo-test.jsonl.gz",
        "predictions/across/source/demo-test.jsonl.gz",
    }


def test_what_earlier_versions_called_predictions_is_found(
    tasks: dict[str, Path], counted: Path, tmp_path: Path
) -> None:
    from massive_kit.schema.task import load_task

    old = RunFolder(tmp_path)
    (old.path / "predictions").mkdir()
    for name, task in (("en-US-demo-test", "one"), ("one-more-demo-test", "one-more")):
        (old.path / "predictions" / f"{name}.jsonl.gz").write_bytes(b"")
        (path,) = old.predictions_at_hand(load_task(str(tasks[task])))
        assert path.name == f"{name}.jsonl.gz"
    assert not old.predictions_at_hand(load_task(str(tasks["demo"])))
