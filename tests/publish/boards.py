"""Leaderboards for tests: the published rows, systems scored on the demo corpus, hostile ones."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from massive_kit import content
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import load_task
from massive_kit.scoring.evaluation import evaluate
from tests.slot_method_rows import told_task

# A share of wrong answers for each system: the second and third cannot be told apart.
DEMO_SYSTEMS = {"good": 0.05, "middle": 0.201, "also-middle": 0.2, "poor": 0.6}
# Scored on rows of which one language says how its slots came to be.
TOLD_SYSTEMS = {"told-good": 0.05, "told-middle": 0.301, "told-also-middle": 0.3}
# What some of them say that they had seen.
TOLD_SEEN: dict[str, dict[str, object]] = {
    "told-good": {"label_languages": ["de-DE"], "pretraining": {"languages": ["sw"]}},
    "told-middle": {"label_languages": ["en-US", "de-DE", "sw-KE", "<b>x</b>"]},
}

BIDI = "\u202egnp.exe\u2066"
HOSTILE = {
    "title": '<script>alert("title")</script>' + BIDI,
    "team": '=HYPERLINK("http://evil.example","x")',
    "paper": "https://massive.org@evil.example/x",
    "code": "https://example.org/?a=1&b=</script><svg/onload=alert(2)>".replace("<", "%3C").replace(
        ">", "%3E"
    ),
    "pretrained_model": "'\"><img src=x onerror=alert(3)>",
    "description": "{{ 7 * 7 }} {% raw %} <b onmouseover=alert(4)>x</b> ]]> &lt; " + "W" * 300,
}


def shipped() -> Path:
    """The leaderboard folder of the repository."""
    return content.installed_root() / "leaderboard"


def damaged(gold: LabelColumns, share: float, seed: int) -> LabelColumns:
    """The gold labels with a share of intents and of token labels replaced."""
    random = np.random.default_rng(seed)
    intents = gold.intents.copy()
    wrong = random.random(len(intents)) < share
    intents[wrong] = (intents[wrong] + 1) % len(gold.inventory.intents)
    labels = gold.labels.copy()
    labels[random.random(len(labels)) < share / 4] = 0
    return replace(gold, intents=intents, labels=labels)


def manifest(folder: Path, name: str, version: str, **values: object) -> None:
    """Writes a manifest."""
    known = {
        "system": name,
        "version": version,
        "title": f"System {name}",
        "team": "Team",
        "task": "demo-full",
        "setting": "full",
        "date": "2026-01-02",
        "architecture": "encoder",
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({**known, **values}, allow_unicode=True, sort_keys=False)
    (folder / "manifest.yaml").write_text(text, encoding="utf-8")


def demo_task(store: Store) -> TaskData:
    """The task that all demo systems are scored on."""
    return lay_task(load_task("demo-full"), store)


def add_demo(root: Path, store: Store) -> None:
    """Adds systems scored on the demo corpus, with statistics."""
    task_data = demo_task(store)
    gold = store.label_columns(task_data.test.partition, task_data.test.locales)
    for seed, (name, share) in enumerate(DEMO_SYSTEMS.items()):
        folder = root / "results" / name / "1.0"
        evaluate(gold, damaged(gold, share, seed), task_data, resamples=200).save(folder)
        (folder / "labels.npz").unlink(missing_ok=True)
        manifest(
            folder, name, "1.0", parameters={"total": 10**7 * (seed + 1)}, open_weights=seed == 0
        )
    # An older version of one of them, and one that was added without its statistics.
    old = root / "results" / "good" / "0.9"
    shutil.copytree(root / "results" / "poor" / "1.0", old)
    manifest(old, "good", "0.9", date="2025-12-31")
    bare = root / "results" / "bare" / "1"
    bare.mkdir(parents=True)
    shutil.copy(root / "results" / "middle" / "1.0" / "scores.json", bare / "scores.json")
    manifest(bare, "bare", "1", parameters={"total": 2 * 10**9})


def add_hostile(root: Path) -> None:
    """Adds a system whose manifest attacks the reader."""
    folder = root / "results" / "hostile" / "1"
    folder.mkdir(parents=True)
    scores = json.loads((root / "results" / "poor" / "1.0" / "scores.json").read_text())
    some = next(iter(scores["locales"].values()))
    evil = "../../../evil<script>alert(6)</script>" + BIDI
    scores["locales"][evil] = some
    scores["averaged"].append(evil)
    group = next(iter(scores["groups"]["genus"].values()))
    scores["groups"]["genus"]["<img src=x onerror=alert(5)>"] = {**group, "locales": [evil]}
    scores["intents"]["=cmd|' /C calc'!A0"] = next(iter(scores["intents"].values()))
    scores["signature"] = f"</code><script>alert(7)</script>{BIDI}"
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    manifest(folder, "hostile", "1", **HOSTILE)


def add_asked(root: Path) -> None:
    """Adds two language models that were asked, one of them hostile."""
    evil = "</td><script>alert(8)</script>" + BIDI + "W" * 130
    hostile = {"model": evil, "currency": "<i>" + BIDI, "cost": 1e9, "seconds": 1e9, "dates": []}
    told = {"model": "owner/model-8b", "demonstrations": 8, "cost": 1.5, "prompt_tokens": 10**7}
    for name, asked in (("asked", told), ("asked-hostile", {**hostile, "decoding": {evil: evil}})):
        folder = root / "results" / name / "1"
        shutil.copytree(root / "results" / "poor" / "1.0", folder)
        manifest(folder, name, "1", in_context=asked)


def add_told(root: Path, folder: Path) -> None:
    """Adds systems scored on rows that say how their slots came to be, and one without such scores.

    Args:
        root: The board.
        folder: Where the rows go.
    """
    folder.mkdir()
    task_data = told_task(folder, "demo-told")
    gold = task_data.test.labels()
    for seed, (name, share) in enumerate(TOLD_SYSTEMS.items()):
        made = root / "results" / name / "1"
        evaluate(gold, damaged(gold, share, seed), task_data, resamples=200).save(made)
        (made / "labels.npz").unlink()
        manifest(made, name, "1", task="demo-told", **TOLD_SEEN.get(name, {}))
    silent = root / "results" / "told-silent" / "1"
    silent.mkdir(parents=True)
    scores = json.loads((root / "results" / "told-good" / "1" / "scores.json").read_text())
    del scores["slot_methods"]
    (silent / "scores.json").write_text(json.dumps(scores))
    manifest(silent, "told-silent", "1", task="demo-told")


def add_forecast(root: Path) -> None:
    """Adds forecasts of a published system, of a language that others were scored in too."""
    name = "xlm-r-base-zero-shot/acl2023"
    scores = json.loads((root / "results" / name / "scores.json").read_text())
    values = {
        "signature": scores["signature"],
        "metric": "exact_match",
        "level": 0.9,
        "error": 0.048,
        "languages": {
            "ca-ES": {"name": "Catalan", "value": 0.402, "low": 0.3, "high": 0.525},
            "xx": {"name": HOSTILE["title"], "value": 0.3, "low": 0.2, "high": 0.4},
        },
    }
    path = root / "forecasts" / f"{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(values), encoding="utf-8")


def full_board(root: Path, store: Store) -> Path:
    """A board with all of these."""
    shutil.copytree(shipped() / "results", root / "results")
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    add_demo(root, store)
    add_hostile(root)
    add_asked(root)
    add_told(root, root.parent / "told")
    add_forecast(root)
    return root
