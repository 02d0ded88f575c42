"""Whatever an endpoint sends, predictions are valid, no answer is lost, and the key is secret."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import MassiveKitError, UnfinishedError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task, read_utterances
from massive_kit.schema.task import Task
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_store import AnswerStore
from tests.systems.prompted.endpoint_runs import KEY, Answering, asked_text, lines, prepared
from tests.systems.prompted.scripted_server import Reply, completion, failure, serving


@pytest.fixture(scope="session")
def small(few: TaskData) -> TaskData:
    """English alone."""
    return replace(few, test=few.test.only("en-US"))


@pytest.fixture(scope="session")
def tiny(few: TaskData, tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    """Six rows of English, where what matters comes with the first ones."""
    ids = tmp_path_factory.mktemp("tiny") / "ids.txt"
    ids.write_text("\n".join(few.test.read(["id"]).column("id").to_pylist()[:6]))
    values = few.task.model_dump(exclude_none=True)
    values["test"] = {"partition": "test", "locales": ["en-US"], "ids": str(ids)}
    return lay_task(Task.model_validate(values), few.store)


def predicted(run: Path, task_data: TaskData, *overrides: str) -> list[dict[str, Any]]:
    """The lines that a run predicts, all of which are valid."""
    done = predict_task(run, task_data, run / "p.jsonl", overrides=overrides)
    read = read_predictions([done.path], TaskIndex.of(task_data))
    assert not [problem for problem in read.report.problems if problem.severity == "error"]
    return lines(done.path)


def written_task(task_data: TaskData, folder: Path) -> Path:
    """A task's file, for the command line; it tests what the store tests."""
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task_data.task.model_dump(mode="json")))
    return path


def gold(task_data: TaskData) -> list[tuple[str, str]]:
    table = task_data.test.read(["id", "intent"])
    return list(zip(*(table.column(name).to_pylist() for name in ("id", "intent")), strict=True))


def files_with(folder: Path, secret: str) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


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
    def answer(number: int, body: dict[str, Any]) -> Reply:
        return replace(right_answers(number, body), wait=0.01)

    options = ["prompt.format=json", f"decoding.concurrency={concurrency}"]
    with serving(answer) as server:
        predicted(prepared(server.address, small, tmp_path / "run", *options), small)
    assert server.together == concurrency


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
