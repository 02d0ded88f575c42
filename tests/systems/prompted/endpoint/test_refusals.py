"""What no patience mends ends at once, with a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.errors import MassiveKitError
from massive_kit.runs.predicting import predict_task
from tests.systems.prompted.endpoint_runs import (
    KEY,
    Answering,
    asked_text,
    files_with,
    gold,
    predicted,
    prepared,
)
from tests.systems.prompted.scripted_server import Reply, failure, serving


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (failure(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"), "check OPENAI_API"),
        (failure(403, "not for you"), "what the key allows"),
        (failure(404, "The model `tester` does not exist", "model_not_found"), "has the model"),
        (Reply(405, b"Method Not Allowed"), "has the model"),
        (failure(429, "You exceeded your quota", "insufficient_quota"), "used up"),
        (failure(400, "pinned to 'x'."), "the request: HTTP 400: pinned to 'x'; .* model 'tester'"),
        (Reply(302, headers={"Location": "http://localhost:1/"}), "not followed"),
        (Reply(418, b"\x1b[31mteapot"), "refuses to answer"),
    ],
)
def test_what_no_patience_mends_ends_at_once(
    odd: Reply, message: str, tiny: TaskData, tmp_path: Path
) -> None:
    with serving(lambda *_: odd) as server:
        run = prepared(server.address, tiny, tmp_path / "run")
        with pytest.raises(MassiveKitError, match=message) as caught:
            predict_task(run, tiny, run / "p.jsonl")
    # A refusal that may be about the schema is met twice.
    assert len(server.requests) == (2 if odd.status == 400 else 1)
    assert KEY not in str(caught.value)
    assert files_with(tmp_path, KEY) == []


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("", "such addresses often end in /v1"),
        ("/v1/chat/completions", "give the address without /chat/completions"),
        ("/openai/v1beta", "has the model 'tester'"),
    ],
)
def test_an_address_that_ends_otherwise_is_told(
    path: str, advice: str, tiny: TaskData, tmp_path: Path
) -> None:
    with serving(lambda *_: Reply(404, b'{"detail": "Not Found"}')) as server:
        address = server.address.removesuffix("/v1") + path
        run = prepared(address, tiny, tmp_path / "run")
        with pytest.raises(MassiveKitError, match=f"HTTP 404: Not Found; .*{advice}"):
            predict_task(run, tiny, run / "p.jsonl")
    assert len(server.requests) == 1


def test_an_endpoint_that_is_slow_is_told(tiny: TaskData, tmp_path: Path) -> None:
    options = ["decoding.attempts=1", "decoding.timeout=0.05"]
    with serving(lambda *_: Reply(wait=0.2)) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        with pytest.raises(MassiveKitError, match=r"within 0.05 seconds; raise decoding.timeout"):
            predict_task(run, tiny, run / "p.jsonl")


def test_what_is_late_gets_more_time(
    right_answers: Answering, tiny: TaskData, tmp_path: Path
) -> None:
    asked: list[str] = []

    def answer(number: int, body: dict[str, Any]) -> Reply:
        asked.append(asked_text(body))
        is_slow = number >= 2 and asked[-1] == asked[2]
        return replace(right_answers(number, body), wait=0.5 if is_slow else 0)

    options = ["prompt.format=json", "decoding.timeout=0.2", "decoding.concurrency=1"]
    with serving(answer) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        values = predicted(run, tiny)
    assert [(value["id"], value["pred_intent"]) for value in values] == gold(tiny)
    # In 0.2 and 0.4 seconds there is no answer, in 0.8 there is.
    assert sorted(Counter(asked).values())[-2:] == [1, 3]


def test_an_endpoint_that_is_down_is_told(
    tiny: TaskData, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda *_: failure(503, "down")) as server:
        run = prepared(server.address, tiny, tmp_path / "run", "decoding.attempts=3")
        with pytest.raises(MassiveKitError, match="no answer in 3 attempts: HTTP 503: down"):
            predict_task(run, tiny, run / "p.jsonl")
    assert len(server.requests) == 3
    with pytest.raises(MassiveKitError, match="refused; check that it runs, and the address"):
        predict_task(run, tiny, run / "p.jsonl")
    assert caplog.text.count("attempt 2 of 3 follows") == 2
    assert "attempt 3" not in caplog.text
    with serving(lambda *_: Reply(body=b"<html>")) as server:
        page = [f"model.endpoint={server.address.removesuffix('/v1')}"]
        with pytest.raises(MassiveKitError, match=r"no chat completions; .* end in /v1"):
            predict_task(run, tiny, run / "p.jsonl", overrides=page)


@pytest.mark.parametrize("key", ["", "sk-\nx", "sk-schlüssel"])
def test_a_key_that_is_none(
    key: str, tiny: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with serving(lambda *_: failure(401, "who are you")) as server:
        run = prepared(server.address, tiny, tmp_path / "run")
        with pytest.raises(MassiveKitError, match="OPENAI_API_KEY") as caught:
            predict_task(run, tiny, run / "p.jsonl")
    assert not key or key not in str(caught.value)
    assert len(server.requests) == (0 if key else 1)
