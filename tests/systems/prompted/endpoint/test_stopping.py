"""A call that stops, for whatever reason, loses nothing and pays nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.errors import UnfinishedError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task, read_utterances
from massive_kit.systems.prompted.answer_store import AnswerStore
from tests.systems.prompted.endpoint_runs import (
    Answering,
    lines,
    predicted,
    prepared,
    written_task,
)
from tests.systems.prompted.scripted_server import Reply, serving


def test_a_call_that_is_broken_off_keeps_what_is_on_its_way(
    right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        return replace(right_answers(number, body), wait=0.01)

    with serving(answer) as server:
        run = prepared(server.address, small, tmp_path / "run", "decoding.concurrency=4")
        predictions = load_system(run).predict(read_utterances(small.test))
        next(predictions)
        # As Ctrl-C does.
        with pytest.raises(KeyboardInterrupt):
            predictions.throw(KeyboardInterrupt)  # type: ignore[attr-defined] # a generator
        sent = len(server.requests)
        assert 1 < sent < small.test.rows
        predicted(run, small)
    assert max(Counter(map(json.dumps, server.requests)).values()) == 1


def test_a_budget_stops_with_what_is_there(
    right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    out = tmp_path / "p.jsonl"
    with serving(right_answers) as server:
        run = prepared(server.address, small, tmp_path / "run", "decoding.max_tokens=30")
        with pytest.raises(UnfinishedError, match="the budget is used up") as caught:
            predict_task(run, small, out, overrides=["budget.tokens=2000"])
        sent = len(server.requests)
        assert 9 < sent <= 2000 // 110
        there = lines(out)
        assert 0 < len(there) < small.test.rows
        assert f"has the {len(there):,} of {small.test.rows:,} lines" in str(caught.value)
        # What was spent counts on, so that the same budget allows nothing more.
        with pytest.raises(UnfinishedError):
            predict_task(run, small, out, overrides=["budget.tokens=2000"])
        assert len(server.requests) <= 2000 // 110
        prices = ["prices.prompt=1000", "prices.answer=1000", "budget.cost=3"]
        with pytest.raises(UnfinishedError):
            predict_task(run, small, out, overrides=prices)
        assert sent < len(server.requests) <= 3000 // 110
        done = predict_task(run, small, out, overrides=prices[:2])
    assert done.rows == small.test.rows
    assert max(Counter(map(json.dumps, server.requests)).values()) == 1
    usage = RunFolder(run).facts()["usage"][small.task.name]
    assert usage["cost"] == pytest.approx(usage["requests"] * 0.11)
    assert usage["currency"] == "USD"


def test_what_it_takes_is_known_before(
    right_answers: Answering, few: TaskData, tmp_path: Path
) -> None:
    def shown(*options: str) -> dict[str, str]:
        command = [
            "predict",
            str(run),
            "--task",
            str(few_file),
            "--data",
            str(few.store.path),
            "--dry-run",
        ]
        done = CliRunner().invoke(app, [*command, *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return {line[:17].strip(): line[17:] for line in done.stdout.splitlines()}

    few_file = written_task(few, tmp_path)
    with serving(right_answers) as server:
        run = prepared(server.address, few, tmp_path / "run", "prompt.format=json")
        before = shown()
        assert not server.requests
        assert "not known" in before["price"]
        assert "not known" in before["time"]
        assert "estimated" in before["prompt tokens"]
        priced = ["prices.prompt=1", "prices.answer=2", "decoding.requests_per_minute=60"]
        told = shown(*(part for option in priced for part in ("-o", option)))
        predicted(run, few)
        after = shown()
    sent = len(server.requests)
    assert before["requests"] == f"{sent}"
    assert told["price"].endswith("USD if all answers are as long as they may be)")
    assert f"; {512 * sent:,} if all are as long as" in before["answer tokens"]
    assert told["time"] == f"{timedelta(seconds=sent)} at 60 a minute"
    assert after["requests"] == "0"
    assert after["price"] == "nothing"


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3])
def test_a_killed_call_goes_on_and_sends_what_is_missing(
    kills: int, right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        return replace(right_answers(number, body), wait=0.02)

    command = [sys.executable, "-m", "massive_kit", "predict", "run", "--resume"]
    command += [
        "--task",
        str(written_task(small, tmp_path)),
        "--data",
        str(small.store.path),
        "--out",
        "p.jsonl",
    ]
    with serving(answer) as server:
        run = prepared(server.address, small, tmp_path / "run", "decoding.concurrency=2")
        sent = kept = 0
        for _ in range(kills):
            with subprocess.Popen(command, cwd=tmp_path, env=os.environ) as process:
                while len(server.requests) < sent + 6:
                    time.sleep(0.005)
                    assert process.poll() is None
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(0.1)
            store = AnswerStore(run / "answers.sqlite")
            now = store.spent().answers
            store.close()
            # All that was sent is kept but what was on its way.
            assert len(server.requests) - sent - 2 <= now - kept <= len(server.requests) - sent
            sent, kept = len(server.requests), now
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        store = AnswerStore(run / "answers.sqlite")
        assert len(server.requests) - sent == store.spent().answers - kept
        store.close()
    repeated = sum(Counter(map(json.dumps, server.requests)).values()) - len(
        {json.dumps(body) for body in server.requests}
    )
    assert repeated <= 2 * kills
