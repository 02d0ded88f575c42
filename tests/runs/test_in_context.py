"""A run that asks a language model knows what its manifest says of that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.runs.in_context import known_of_asking
from massive_kit.schema.config import check
from massive_kit.schema.in_context import InContext

FACTS: dict[str, Any] = {
    "in_context": {
        "model": "tester",
        "revision": None,
        "backend": "openai",
        "prompt": "0123456789abcdef",
        "format": "json",
        "demonstrations": 0,
        "chosen": "none",
        "languages": "source",
        "decoding": {"temperature": 0, "parameters": {"stop": ["a", "b"], "grammar": "x" * 300}},
    },
    "usage": {
        "one": {
            "requests": 24,
            "estimated": 0,
            "prompt_tokens": 1000,
            "answer_tokens": 100,
            "seconds": 12.5,
            "cost": 0.25,
            "currency": "EUR",
            "rows": 24,
            "models": ["tester\n2026", *map(str, range(20))],
            "dates": ["2026-01-01"],
            "failed": {"en-US": 1, "ja-JP": 2},
            "unread": {},
            "wall_seconds": 3.0,
        }
    },
}


def test_a_run_knows_how_it_asked_and_what_answers_took() -> None:
    known = check(InContext, known_of_asking(FACTS, "one"), "here")
    assert (known.model, known.demonstrations, known.prompt) == ("tester", 0, "0123456789abcdef")
    assert (known.requests, known.failed, known.cost, known.currency) == (24, 3, 0.25, "EUR")
    assert known.estimated is None
    assert known.answered_by[0] == "tester 2026"
    assert len(known.answered_by) == 10
    assert known.decoding["parameters.stop"] == '["a","b"]'
    assert len(str(known.decoding["parameters.grammar"])) == 200
    other = check(InContext, known_of_asking(FACTS, "another"), "here")
    assert (other.model, other.requests, other.cost) == ("tester", None, None)


def test_a_run_that_asks_nothing_knows_nothing_of_it() -> None:
    assert known_of_asking({"kind": "encoder"}, "one") == {}


@pytest.mark.parametrize(
    ("model", "backend", "public"),
    [
        ("/home/me/models/small.gguf", "transformers", "small.gguf"),
        ("owner/name/file.gguf", "transformers", "owner/name/file.gguf"),
        ("/models/served", "openai", "/models/served"),
    ],
)
def test_the_model_is_named_as_others_know_it(model: str, backend: str, public: str) -> None:
    asked = FACTS["in_context"] | {"model": model, "backend": backend}
    assert known_of_asking(FACTS | {"in_context": asked}, "one")["model"] == public


def test_a_run_brings_its_facts_to_the_board(tmp_path: Path) -> None:
    parts = {name: {"partition": name, "locales": ["en-US"]} for name in ("train", "dev", "test")}
    task = {"name": "one", "title": "One", "setting": "full", "data": ["demo"], **parts}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(task))
    at = ["--task", tmp_path / "one.yaml"]
    made = tmp_path / "asked"
    run("train", "majority", *at, "--out", made)
    run("eval", made, *at, "--out", tmp_path / "scores")
    facts = orjson.loads((made / "run.json").read_bytes())
    (made / "run.json").write_bytes(orjson.dumps(facts | FACTS))
    add = ["leaderboard", "add", made, *at, "--results", tmp_path / "results", "-o", "team=us"]
    run(*add, "-o", "in_context.cost=0.5")
    manifest = yaml.safe_load((tmp_path / "results/asked/1/manifest.yaml").read_text())
    assert manifest["in_context"]["requests"] == 24
    assert manifest["in_context"]["cost"] == 0.5


def run(*arguments: object) -> None:
    done = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
