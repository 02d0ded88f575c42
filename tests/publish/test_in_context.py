"""Language models that were asked stand apart, with k, model, tokens and cost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from massive_kit.content import installed_root
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError
from massive_kit.publish.comment import comment
from massive_kit.publish.entries import Entry
from massive_kit.publish.fact_columns import FACT_COLUMNS
from massive_kit.publish.results import load_results
from massive_kit.publish.site import build, load_model
from massive_kit.schema.board import IN_CONTEXT_FACTS, FactName, Section, load_board
from massive_kit.schema.config import check
from massive_kit.schema.in_context import InContext
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import load_task
from massive_kit.scoring.evaluation import evaluate
from tests.publish.boards import BIDI, damaged, manifest

PAID = {
    "model": "large-1",
    "backend": "openai",
    "demonstrations": 8,
    "chosen": "nearest",
    "languages": "source",
    "format": "json",
    "prompt": "0123456789abcdef",
    "decoding": {"temperature": 0, "structured": "auto", "parameters.think": False},
    "answered_by": ["large-1-2026-01"],
    "dates": ["2026-01-01", "2026-01-02"],
    "requests": 468,
    "failed": 3,
    "estimated": 1,
    "prompt_tokens": 9_400_000,
    "answer_tokens": 250_000,
    "seconds": 234,
    "cost": 1.5,
    "currency": "EUR",
}
EVIL = "</td><script>alert(1)</script>" + BIDI + "W" * 130
HOSTILE = {
    "model": EVIL,
    "revision": "=cmd|' /C calc'!A0",
    "chosen": "<img src=x onerror=alert(2)>",
    "decoding": {"<b onclick=alert(3)>": EVIL},
    "answered_by": [EVIL] * 10,
    "demonstrations": 10**4,
    "prompt_tokens": 10**15,
    "answer_tokens": 10**15,
    "seconds": 1e9,
    "cost": 1e9,
    "currency": "<i>" + BIDI,
}
ASKED: dict[str, tuple[float, dict[str, Any] | None]] = {
    "trained": (0.05, None),
    "paid": (0.2, PAID),
    "free": (0.4, {"model": "small-1", "demonstrations": 0}),
    "own": (0.45, {"model": "small-1", "demonstrations": 2, "languages": "own"}),
    "hostile": (0.5, HOSTILE),
}


@pytest.fixture(scope="module")
def root(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board of a trained system and three that were asked, on the same task."""
    folder = tmp_path_factory.mktemp("asked") / "leaderboard"
    task = load_task("demo-full")
    some = task.test.model_copy(update={"locales": ["en-US", "ja-JP", "km-KH"]})
    task_data = lay_task(task.model_copy(update={"test": some}), demo_store)
    gold = demo_store.label_columns(task_data.test.partition, task_data.test.locales)
    for name, (share, asked) in ASKED.items():
        result = folder / "results" / name / "1"
        evaluate(gold, damaged(gold, share, 0), task_data, resamples=50).save(result)
        (result / "labels.npz").unlink()
        values = {"in_context": asked, "resources": ["target-labels"]} if asked else {}
        manifest(result, name, "1", **values)
    (folder / "board.yaml").write_text(
        "title: Board\nsections: [{id: full, title: Full, tasks: [demo-full], settings: [full]}]\n"
    )
    return folder


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site."""
    out = tmp_path_factory.mktemp("asked") / "site"
    build(root, out)
    return out


def entries(root: Path) -> dict[str, Entry]:
    return {entry.manifest.system: entry for entry in load_results(root / "results")}


def test_who_was_asked_is_never_ranked_with_who_was_trained(root: Path) -> None:
    ranked = {
        s.section.id: [e.manifest.system for e in s.entries] for s in load_model(root).sections
    }
    assert ranked == {
        "full": ["trained"],
        "task-demo-full-in-context": ["paid", "free", "own", "hostile"],
    }
    known = entries(root)
    assert "first system on this task" in comment(known["trained"], [*known.values()])
    assert "place 1 of 4" in comment(known["paid"], [*known.values()])


def test_the_section_shows_k_model_tokens_cost_and_seconds(site: Path) -> None:
    rows = json.loads((site / "index.task-demo-full-in-context.json").read_text())["rows"]
    paid, free, own, _ = rows
    keys = ("model", "demonstrations", "requests", "prompt_tokens", "answer_tokens", "cost")
    assert [paid[key] for key in keys] == [PAID[key] for key in keys]
    assert paid["currency"] == "EUR"
    assert paid["seconds_per_utterance"] == 0.5
    assert [free[key] for key in keys] == ["small-1", 0, None, None, None, None]
    assert free["seconds_per_utterance"] is None
    page = (site / "index.html").read_text()
    for cell in (">large-1</td>", ">9.65\u00a0M</td>", ">1.50\u00a0<bdi>EUR</bdi></td>"):
        assert cell in page
    assert [row["demonstration_languages"] for row in (paid, free, own)] == ["source", None, "own"]
    assert len(re.findall(">own</span></td>", page)) == 1
    assert "parameters" not in paid
    (trained,) = json.loads((site / "index.full.json").read_text())["rows"]
    assert "model" not in trained
    assert "parameters" in trained


def test_the_page_of_a_system_says_how_it_was_asked(site: Path) -> None:
    page = (site / "systems" / "paid" / "1.html").read_text()
    for text in (
        "large-1, by openai",
        "large-1-2026-01, 2026-01-01 to 2026-01-02",
        "8, nearest, from the source language",
        "json, 0123456789abcdef",
        "temperature 0, structured auto, parameters.think false",
        (
            "468 requests, 9,400,000 tokens read, 250,000 written, those of 1 request estimated,"
            " 234 s one after the other, 1.50 EUR"
        ),
        "3 of 468 utterances",
    ):
        assert f"<bdi>{text}</bdi>" in page
    assert "<bdi>target-labels</bdi>" in page
    assert "Model asked" not in (site / "systems" / "trained" / "1.html").read_text()


def test_nothing_hostile_gets_through(site: Path) -> None:
    names = ["index.html", "averages.html", "systems/hostile/1.html"]
    for page in (site / name for name in names):
        text = page.read_text()
        assert not re.search(r"<script>alert|<img src=x|<b on|<i>", text), page
        assert not {*BIDI} & {"\u202e", "\u2066"} & {*text}, page
    # A name may be long, and the table stays in order.
    assert "W" * 100 not in (site / "index.html").read_text()
    csv = (site / "index.task-demo-full-in-context.csv").read_text()
    assert "\u202e" not in csv


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "x" * 201),
        ("model", "a\nb"),
        ("cost", float("inf")),
        ("cost", -1),
        ("seconds", 1e10),
        ("demonstrations", 10**5),
        ("requests", 10**16),
        ("currency", "x" * 21),
        ("decoding", {str(i): i for i in range(31)}),
        ("decoding", {"a": {"b": 1}}),
        ("answered_by", ["x"] * 11),
        ("demonstration", 3),
    ],
)
def test_a_manifest_is_bounded(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=r"not a valid in context"):
        check(InContext, {"model": "m", key: value}, "here")


def test_a_manifest_comes_back_as_it_was_written(root: Path) -> None:
    paid = entries(root)["paid"].manifest
    assert Manifest.model_validate(yaml.safe_load(paid.to_yaml())) == paid
    # What says nothing of it keeps its bytes.
    assert "in_context" not in entries(root)["trained"].manifest.to_yaml()


def test_every_column_that_a_board_may_name_is_there() -> None:
    assert {*FACT_COLUMNS} == {*get_args(FactName)}
    fields = [name for fact in FACT_COLUMNS.values() for name in fact.column.fields]
    assert len(fields) == len({*fields})
    known = {"id": "a", "title": "A", "tasks": ["a"]}
    assert Section.model_validate(known).columns == ["parameters", "date"]
    for columns in (["date", "date"], ["gigabytes"]):
        with pytest.raises(ConfigError):
            check(Section, {**known, "columns": columns}, "board.yaml")


def test_the_shipped_board_has_sections_for_them() -> None:
    board = load_board(installed_root() / "leaderboard" / "board.yaml")
    for task in ("massive-full", "massive-zeroshot", "massive-zeroshot-strict"):
        section = next(s for s in board.sections if s.holds(task, "in-context"))
        assert section.columns == [*IN_CONTEXT_FACTS]
        assert section.id == ("in-context" if task == "massive-full" else "in-context-zero-shot")


def test_open_systems_stand_by_themselves_with_what_they_used(root: Path) -> None:
    board = load_board(installed_root() / "leaderboard" / "board.yaml")
    holds = {
        task: [s for s in board.sections if s.holds(task, "zero-shot-strict")]
        for task in ("massive-zeroshot-strict", "massive-zeroshot-open")
    }
    assert [s.id for s in holds["massive-zeroshot-strict"]] == ["zero-shot-strict"]
    assert [s.id for s in holds["massive-zeroshot-open"]] == ["zero-shot-open"]
    assert "resources" in holds["massive-zeroshot-open"][0].columns
    entry = entries(root)["trained"]
    manifest = entry.manifest.model_copy(update={"resources": ["lexicon", "unlabelled-text"]})
    cell = FACT_COLUMNS["resources"].cell(replace(entry, manifest=manifest))
    assert cell.data == ("lexicon, unlabelled-text",)
