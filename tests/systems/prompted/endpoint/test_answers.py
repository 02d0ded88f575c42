"""Whatever an endpoint sends, predictions are valid and no answer is lost."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.errors import MassiveKitError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task
from massive_kit.systems.interface import Utterance
from tests.systems.prompted.endpoint_runs import (
    KEY,
    Answering,
    files_with,
    gold,
    lines,
    predicted,
    prepared,
)
from tests.systems.prompted.scripted_server import Reply, completion, failure, serving


@pytest.mark.parametrize("layout", ["two_step", "json", "annotated"])
def test_right_answers_are_right_predictions(
    layout: str,
    right_answers: Answering,
    few: TaskData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(number: int, body: dict[str, Any]) -> Reply:
        return replace(right_answers(number, body), wait=0.02)

    with serving(answer) as server:
        run = prepared(server.address, few, tmp_path / "run", f"prompt.format={layout}")
        assert not server.requests
        values = predicted(run, few)
        sent = len(server.requests)
        assert predicted(run, few) == values
        assert len(server.requests) == sent
    assert [(value["id"], value["pred_intent"]) for value in values] == gold(few)
    assert sum(bool(value["pred_slots"]) for value in values) > len(values) / 3
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert {headers["accept-encoding"] for headers in server.headers} == {"identity"}
    assert len({json.dumps(body, sort_keys=True) for body in server.requests}) == sent
    assert 1 < server.together <= 16
    held = ["response_format" in body for body in server.requests]
    assert all(held) if layout != "annotated" else not any(held)
    usage = RunFolder(run).facts()["usage"][few.task.name]
    assert usage["requests"] == sent
    assert usage["prompt_tokens"] == 100 * usage["requests"]
    assert usage["models"] == ["tester-2026"]
    answers = lines(run / "p.answers" / "ja-JP.jsonl")
    assert [a["id"] for a in answers] == [v["id"] for v in values if v["locale"] == "ja-JP"]
    assert files_with(tmp_path, KEY) == []
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I am sorry, I cannot help with that.",
        '{"intent": "alarm_se',
        "[[[[ : ]]]]",
        "]" * 30_000,
        '{"intent": {"intent": []}, "slots": [[[], 5, null, {"slot": {}, "value": {}}]]}',
        "\ud800\udfff\x00\u202e",
        '{"a":' * 9_000,
        KEY,
    ],
    ids=range(9),
)
def test_answers_that_say_nothing_count_as_failed(
    text: str, tiny: TaskData, tmp_path: Path
) -> None:
    with serving(lambda *_: completion(text)) as server:
        run = prepared(server.address, tiny, tmp_path / "run", "prompt.format=json")
        done = predict_task(run, tiny, run / "p.jsonl")
        sent = len(server.requests)
        values = predicted(run, tiny)
        assert len(server.requests) == sent
    assert done.failed + done.counts["en-US"].unread >= len(values)
    if done.failed == len(values):
        # No demonstration of an utterance answers for the model.
        assert len({value["pred_intent"] for value in values}) == 1
    assert files_with(tmp_path, KEY) == []


def odd_responses() -> dict[str, Reply]:
    good = completion("alarm_set").body
    later = format_datetime(datetime.now(UTC) + timedelta(hours=9))
    return {
        "429": failure(429, "slow down"),
        "429 with seconds": failure(429, "slow down", retry_after="0.001"),
        "429 with a date": failure(429, "slow down", retry_after=later),
        "429 with nonsense": failure(429, "slow down", retry_after="soon"),
        "429 for ever": failure(429, "slow down", retry_after="1e300"),
        "500": failure(500, "oops"),
        "503 without JSON": Reply(503, b"<html>\xff</html>"),
        "cut": Reply(body=good, cut=True),
        "nothing": Reply(0),
        "drops": Reply(body=good, drip=0.05),
        "slow": Reply(body=good, wait=0.6),
        "no JSON": Reply(body=b"<html>"),
        "no choices": Reply(body=b'{"choices": []}'),
        "deep": Reply(body=b"[" * 100_000),
        "large failure": Reply(500, b"x" * 3_000_000),
    }


@pytest.mark.parametrize("name", odd_responses())
def test_a_passing_failure_is_asked_again(
    name: str, right_answers: Answering, tiny: TaskData, tmp_path: Path
) -> None:
    odd, failed = odd_responses()[name], threading.Event()

    def answer(number: int, body: dict[str, Any]) -> Reply:
        # Not the first, which all others wait for.
        if number == 3:
            failed.set()
            return odd
        return right_answers(number, body)

    options = ["prompt.format=json", "decoding.timeout=0.4"]
    with serving(answer) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        values = predicted(run, tiny)
    assert failed.is_set()
    assert [(value["id"], value["pred_intent"]) for value in values] == gold(tiny)
    sent = Counter(json.dumps(body, sort_keys=True) for body in server.requests)
    assert sorted(sent.values())[-2:] == [1, 2]


@pytest.mark.parametrize(
    "odd",
    [
        Reply(body=b"x" * 3_000_000),
        Reply(body=completion("x").body, headers={"Content-Encoding": "gzip"}),
        Reply(body=b'{"choices": [{"message": {"content": "\xff\xfe alarm\\ud800"}}]}'),
        failure(400, "the prompt is too long", "context_length_exceeded"),
        failure(400, "flagged", "content_filter"),
    ],
    ids=["large", "packed", "broken Unicode", "too long", "filtered"],
)
def test_what_came_once_is_not_asked_for_again(
    odd: Reply, right_answers: Answering, tiny: TaskData, tmp_path: Path
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        return odd if number == 0 else right_answers(number, body)

    options = ["prompt.format=json", "decoding.structured=never"]
    with serving(answer) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        done = predict_task(run, tiny, run / "p.jsonl")
        predicted(run, tiny)
    assert done.failed == 1
    assert max(Counter(json.dumps(body) for body in server.requests).values()) == 1


def test_utterances_that_are_alike_are_asked_about_once(
    right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    text = small.test.read(["utt"]).column("utt")[0].as_py()
    options = ["demonstrations.choose=fixed", "prompt.format=json"]
    with serving(right_answers) as server:
        run = prepared(server.address, small, tmp_path / "run", *options)
        twins = [Utterance(f"x{i}", "en-US", text, text.split()) for i in range(40)]
        predictions = list(load_system(run).predict(twins))
    assert len({prediction.intent for prediction in predictions}) == 1
    assert len(server.requests) == 1
    # Nor is it counted as paid more than once.
    assert sum(p.raw.usage.requests for p in predictions if p.raw is not None) == 1


def test_a_store_of_answers_that_is_something_else_is_told(
    right_answers: Answering, tiny: TaskData, tmp_path: Path
) -> None:
    with serving(right_answers) as server:
        run = prepared(server.address, tiny, tmp_path / "run")
        (run / "answers.sqlite").write_bytes(b"not a database" * 100)
        with pytest.raises(MassiveKitError, match="not a database"):
            predict_task(run, tiny, run / "p.jsonl")
    assert not server.requests
