"""What is printed says what was taken, and never the key."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.runs.folder import RunFolder
from tests.systems.prompted.endpoint_runs import (
    KEY,
    Answering,
    files_with,
    prepared,
    written_task,
)
from tests.systems.prompted.scripted_server import Reply, completion, failure, serving


def shown(run: Path, task_data: TaskData, *options: str) -> Result:
    """What `predict` prints."""
    return CliRunner().invoke(app, ["predict", *named(run, task_data), *options])


def named(run: Path, task_data: TaskData) -> list[str]:
    """A run, a task and its data, for the command line."""
    task = str(written_task(task_data, run.parent))
    return [str(run), "--task", task, "--data", str(task_data.store.path)]


def test_what_was_taken_and_could_not_be_read_is_printed(
    right_answers: Answering, few: TaskData, tmp_path: Path
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        right = json.loads(right_answers(number, body).body)
        if number < 2:
            right["choices"][0]["message"]["content"] = "I cannot say."
        # A server that does not count.
        return Reply(body=json.dumps(right | {"usage": None}).encode())

    options = ["prompt.format=json", "prices.prompt=10", "prices.answer=20"]
    out = str(tmp_path / "p.jsonl")
    with serving(answer) as server:
        run = prepared(server.address, few, tmp_path / "run", *options)
        done = shown(run, few, "--out", out)
        noted = RunFolder(run).facts()["usage"][few.task.name]
        again = shown(run, few, "--out", out)
        scored = CliRunner().invoke(app, ["eval", *named(run, few), "--resamples", "0"])
    assert done.exit_code == 0, done.output
    assert scored.exit_code == 0, scored.output
    message = "2 of 48 answers could not be read{} other labels stand in for them"
    assert message.format(";") in done.stderr
    assert f"{message.format(', and')}: en-US 2" in scored.stderr
    assert "4 parts of answers could not be read" in done.stderr
    assert "  en-US: 2 answers, 4 parts\n" in done.stderr
    assert "ja-JP" not in done.stderr
    assert "the tokens of 48 requests are estimated" in done.stderr
    usage = RunFolder(run).facts()["usage"][few.task.name]
    assert (usage["requests"], usage["estimated"]) == (48, 48)
    # Of the call that asked, not of those that read what is kept.
    assert usage == noted
    price = f"{usage['cost']:.4f} USD"
    assert usage["cost"] < 1
    assert (
        f"48 requests, those of earlier calls included: {usage['prompt_tokens']:,}" in done.stdout
    )
    assert price in done.stdout
    assert done.stdout.splitlines()[1:] == again.stdout.splitlines()[1:]


def test_a_key_is_in_nothing_that_is_printed(
    tiny: TaskData, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # As `-v` does; what the client logs for its own makers shows headers as they come.
    caplog.set_level(logging.INFO)
    answer = json.dumps({"intent": KEY, "slots": [{"slot": KEY, "value": KEY}]})
    echoes = [
        failure(401, f"no such key: {KEY}", KEY),
        failure(400, f"no such key: {KEY}", KEY),
        failure(500, f"no such key: {KEY}", KEY),
        Reply(302, headers={"Location": f"http://localhost/{KEY}"}),
        # The last one, since it is kept.
        completion(answer, model=KEY),
    ]
    exits: list[int] = []
    with serving(lambda *_: echoes[len(exits)]) as server:
        less = ["prompt.format=json", "decoding.attempts=1"]
        run = prepared(server.address, tiny, tmp_path / "run", *less)
        for number in range(len(echoes)):
            command = ["-v", "predict", str(run), "--text", "wake me up", "--format", "json"]
            done = CliRunner().invoke(app, command)
            assert len(server.requests) > number
            assert KEY not in f"{done.output} {done.exception!s} {done.exception!r}"
            exits.append(done.exit_code)
    assert exits == [1, 1, 1, 1, 0]
    assert KEY not in caplog.text
    assert files_with(tmp_path, KEY) == []
