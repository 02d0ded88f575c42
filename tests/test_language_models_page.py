"""docs/language_models.md: what it shows works as it stands there, with a tiny model and server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.systems.prompted.drawing import read_demonstrations
from tests.small_decoders import decoder_folder
from tests.systems.prompted.scripted_server import Reply, ScriptedServer, completion, serving

PAGE = Path(__file__).resolve().parent.parent / "docs" / "language_models.md"
FLOOR, ENDPOINT, FORECAST, LOCAL, TUNED = re.findall(
    r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
_ASKED = re.compile(r"Utterance: (.*)")


def commands(block: str, changes: dict[str, str]) -> list[list[str]]:
    """The arguments of each command in a block, with other words for some."""
    for shown, meant in changes.items():
        assert shown in block
        block = block.replace(shown, meant)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert {line[0] for line in lines} == {"massive-kit"}
    return [line[1:] for line in lines]


def printed(arguments: list[str]) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def server(lite_data: TaskData) -> Any:
    """An endpoint that knows most answers."""
    known = {}
    for split in lite_data.test.by_locale():
        for row in read_demonstrations(split, None):
            slots = [{"slot": slot, "value": value} for slot, value in row.values]
            known[row.text] = json.dumps({"intent": row.intent, "slots": slots})

    def answer(number: int, body: dict[str, Any]) -> Reply:
        asked = str(_ASKED.findall(body["messages"][-1]["content"])[-1])
        return completion("I do not know" if number % 10 == 0 else known[asked])

    with serving(answer) as serves:
        yield serves


@pytest.mark.slow
def test_from_the_floor_and_an_endpoint_to_a_board(
    server: ScriptedServer,
    lite_task: Path,
    lite_data: TaskData,
    small_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    task = {"--task massive-lite-200 --data 1.1": f"--task {lite_task} --data demo"}
    base = {"train neighbours": f"train neighbours -o model.base={small_encoder}"}
    for arguments in commands(FLOOR, task | base):
        printed(arguments)
    told: list[str] = []
    asked: list[int] = []
    for arguments in commands(ENDPOINT, task | {"http://localhost:8000/v1": server.address}):
        told.append(printed(arguments))
        asked.append(len(server.requests))
    rows = lite_data.test.rows
    # Preparing, showing and foretelling send nothing, and nothing is asked for twice.
    assert asked == [0, 0, 0, *[rows] * 6]
    headings = [line[:16] for line in FORECAST.splitlines()]
    assert [line[:16] for line in told[2].splitlines()] == headings
    assert f"0 errors, 0 warnings; {rows} of {rows} rows" in told[4]
    manifest = yaml.safe_load((tmp_path / "results" / "mine" / "1" / "manifest.yaml").read_text())
    shown = manifest["in_context"]
    assert (shown["model"], shown["requests"], shown["demonstrations"]) == ("NAME", rows, 8)
    assert shown["failed"] == sum(number % 10 == 0 for number in range(rows))
    assert shown["cost"] == pytest.approx(rows * (100 * 0.15 + 10 * 0.60) / 1e6)
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "My model, 8 examples" in index
    assert ">NAME</td>" in index


def test_a_model_that_runs_here(
    lite_task: Path, demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = DataSplit(demo_store, "train", ("en-US",)).read(["utt"]).column("utt").to_pylist()
    names = [*demo_store.inventory.intents, *demo_store.inventory.slots]
    folder = decoder_folder(tmp_path / "FOLDER", [*texts, *names], max_position_embeddings=4096)
    assert folder.is_dir()
    task = {"--task massive-lite-200 --data 1.1": f"--task {lite_task} --data demo"}
    told = [printed(arguments) for arguments in commands(LOCAL, task)]
    assert "nothing was sent" in told[-1]


@pytest.mark.realdata
def test_what_the_page_foretells_is_what_is_printed(
    real_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    at = {"--data 1.1": f"--data {real_store.path}"}
    train, _, forecast, *_ = commands(ENDPOINT, at)
    printed(train)
    assert printed(forecast) == FORECAST


@pytest.mark.slow
def test_a_model_is_fine_tuned_instead(
    demo_store: Store, lite_task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = DataSplit(demo_store, "train", ("en-US",)).read(["utt"]).column("utt").to_pylist()
    decoder_folder(tmp_path / "FOLDER", [*texts, *demo_store.inventory.intents])
    quick = "-o training.epochs=1 -o training.train_rows=8 -o model.base=FOLDER"
    task = {"--task massive-full --data 1.1": f"--task {lite_task} --data demo"}
    for arguments in commands(TUNED, task | {"-o model.base=FOLDER": quick}):
        printed(arguments)
    assert (tmp_path / "merged" / "model.safetensors").is_file()
