"""An endpoint is asked as it can be, and so much at a time as was said."""

from __future__ import annotations

import itertools
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.runs.predicting import predict_task
from tests.systems.prompted.endpoint_runs import (
    Answering,
    gold,
    predicted,
    prepared,
)
from tests.systems.prompted.scripted_server import Reply, completion, failure, serving


def test_an_endpoint_is_asked_as_it_can_be(
    right_answers: Answering, tiny: TaskData, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    complaints = {
        "response_format": "'response_format' of type 'json_schema' is not supported",
        "max_tokens": "Unsupported parameter: use 'max_completion_tokens' instead",
        "temperature": "temperature does not support 0",
        "seed": "unknown argument: seed",
    }

    def answer(number: int, body: dict[str, Any]) -> Reply:
        complaint = next((text for key, text in complaints.items() if key in body), None)
        return right_answers(number, body) if complaint is None else failure(400, complaint)

    options = ["prompt.format=json", "decoding.seed=7", "decoding.parameters={top_k: 1}"]
    with serving(answer) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        values = predicted(run, tiny)
        assert [(value["id"], value["pred_intent"]) for value in values] == gold(tiny)
        assert sum("temperature" in body for body in server.requests) == 3
        assert all(body["top_k"] == 1 for body in server.requests)
        # What was learnt is kept beside the answers, which are found under the same keys.
        sent = len(server.requests)
        predicted(run, tiny)
        assert len(server.requests) == sent
    assert caplog.text.count("cannot hold its answers to a JSON schema") == 1


def test_a_prompt_that_is_refused_teaches_nothing_of_the_others(
    right_answers: Answering, tiny: TaskData, tmp_path: Path
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        return failure(400, "not this one") if number in {3, 4} else right_answers(number, body)

    options = ["prompt.format=json", "decoding.concurrency=1"]
    with serving(answer) as server:
        run = prepared(server.address, tiny, tmp_path / "run", *options)
        done = predict_task(run, tiny, run / "p.jsonl")
    assert done.failed == 1
    held = ["response_format" in body for body in server.requests]
    assert [number for number, is_held in enumerate(held) if not is_held] == [4]


def test_an_endpoint_that_does_not_keep_to_a_schema_is_told_of_once(
    right_answers: Answering, few: TaskData, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(number: int, body: dict[str, Any]) -> Reply:
        right = json.loads(right_answers(number, body).body)["choices"][0]["message"]["content"]
        return completion(f"Sure! {right}")

    with serving(answer) as server:
        run = prepared(server.address, few, tmp_path / "run", "prompt.format=json")
        values = predicted(run, few)
    assert [(value["id"], value["pred_intent"]) for value in values] == gold(few)
    assert caplog.text.count("takes a JSON schema and does not hold its answers to it") == 1
    assert all("response_format" in body for body in server.requests)


def test_slots_are_asked_for_with_those_of_the_intent_alone(
    right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    with serving(right_answers) as server:
        run = prepared(server.address, small, tmp_path / "run")
        predicted(run, small)
    schemas = [body["response_format"]["json_schema"]["schema"] for body in server.requests]
    slots = [
        schema["properties"]["slots"]["items"]["properties"]["slot"]["enum"]
        for schema in schemas
        if "slots" in schema["properties"]
    ]
    assert slots
    assert max(map(len, slots)) < len(small.store.inventory.slots) / 2


@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_requests_are_on_their_way_and_no_more(
    concurrency: int, right_answers: Answering, small: TaskData, tmp_path: Path
) -> None:
    # The first request goes alone; those after it wait for each other, so that a busy machine
    # changes nothing.
    meeting = threading.Barrier(concurrency)
    arrivals = itertools.count()

    def answer(number: int, body: dict[str, Any]) -> Reply:
        if 1 <= next(arrivals) <= concurrency:
            meeting.wait(timeout=30)
        return replace(right_answers(number, body), wait=0.01)

    options = ["prompt.format=json", f"decoding.concurrency={concurrency}"]
    with serving(answer) as server:
        predicted(prepared(server.address, small, tmp_path / "run", *options), small)
    assert server.together == concurrency
