"""The challenge bundle, and its `evaluate` called as the platform would."""

from __future__ import annotations

import gzip
import html
import importlib.util
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
import yaml

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.data.tokens import annotate
from massive_kit.errors import MassiveKitError, PredictionError
from massive_kit.exports.challenge_pages import challenge_pages
from massive_kit.exports.evalai import evaluate, write_gold
from massive_kit.exports.evalai_challenge import write_challenge
from massive_kit.schema.task import load_task
from massive_kit.scoring.evaluation import evaluate as evaluate_labels
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from tests.known import known

TIMES = {"start": "2026-01-01 00:00:00", "end": "2027-01-01 00:00:00"}
TASKS = ("demo-full", "demo-zeroshot")
# The platform's documentation, keys of challenge_config.yaml.
CONFIG = {
    "title",
    "short_description",
    "description",
    "evaluation_details",
    "terms_and_conditions",
    "image",
    "submission_guidelines",
    "leaderboard_description",
    "evaluation_script",
    "remote_evaluation",
    "is_docker_based",
    "is_static_dataset_code_upload",
    "start_date",
    "end_date",
    "published",
    "allowed_email_domains",
    "blocked_email_domains",
    "leaderboard",
    "challenge_phases",
    "dataset_splits",
    "challenge_phase_splits",
}


@pytest.fixture(scope="module")
def tasks(demo_store: Store) -> dict[str, TaskData]:
    return {name: lay_task(load_task(name), demo_store) for name in TASKS}


@pytest.fixture(scope="module")
def challenge(tasks: dict[str, TaskData], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_challenge(
        tmp_path_factory.mktemp("evalai") / "challenge", list(tasks.values()), **TIMES
    )


@pytest.fixture(scope="module")
def config(challenge: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load((challenge / "challenge_config.yaml").read_text())
    return value


@pytest.fixture
def script(challenge: Path, tmp_path: Path) -> Iterator[ModuleType]:
    """The evaluation script, unpacked from its zip and imported, as a worker does."""
    with zipfile.ZipFile(challenge / "evaluation_script.zip") as archive:
        archive.extractall(tmp_path / "evaluation_script")
    name = "challenge_of_a_test"
    path = tmp_path / "evaluation_script" / "__init__.py"
    where = [str(path.parent)]
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    for loaded in [key for key in sys.modules if key.startswith(name)]:
        del sys.modules[loaded]


def predictions(task_data: TaskData) -> bytes:
    """Gold with every third intent wrong and every fifth row without slots."""
    columns = ["id", "locale", "intent", "tokens", "labels"]
    lines = []
    rows = task_data.store.read("test", task_data.test.locales, columns).to_pylist()
    for number, row in enumerate(rows):
        labels = row["labels"] if number % 5 else ["Other"] * len(row["tokens"])
        line = {
            "id": row["id"],
            "locale": row["locale"],
            "pred_intent": row["intent"] if number % 3 else "play_music",
            "pred_annot_utt": annotate(row["tokens"], labels),
        }
        lines.append(orjson.dumps(line) + b"\n")
    return b"".join(lines)


def test_the_configuration_has_the_platforms_keys(config: dict[str, Any], challenge: Path) -> None:
    assert set(config) == CONFIG
    assert len(config["short_description"]) <= 140
    for key in ("description", "evaluation_details", "terms_and_conditions", "image"):
        assert (challenge / config[key]).is_file()
    assert (challenge / config["submission_guidelines"]).is_file()
    assert (challenge / config["evaluation_script"]).is_file()


def test_the_pages_speak_of_the_challenges_own_tasks(
    config: dict[str, Any], challenge: Path, tasks: dict[str, TaskData]
) -> None:
    pages = {path.name: path.read_text() for path in (challenge / "templates").glob("*.html")}
    for text in (*pages.values(), config["title"], config["short_description"]):
        assert "massive-full" not in text
        assert "MASSIVE" not in text
        assert "{{" not in text
    for name in TASKS:
        assert f"validate predictions.json --task {name}\n" in pages["submission_guidelines.html"]
        assert f"<b>{name}</b>" in pages["description.html"]
    assert "52 languages, parallel" in pages["description.html"]
    assert config["title"].startswith("Demo corpus: ")
    assert config["short_description"].startswith("Understand 52 languages")
    line = re.search("<pre>(.*?)</pre>", pages["submission_guidelines.html"])
    assert line is not None
    example = orjson.loads(html.unescape(line[1]))
    inventory = tasks["demo-full"].store.inventory
    assert example["pred_intent"] in inventory.intents
    assert example["locale"] in tasks["demo-full"].test.locales


def test_ids_of_the_configuration_fit_each_other(config: dict[str, Any], challenge: Path) -> None:
    ids = {
        key: {entry["id"] for entry in config[key]}
        for key in ("leaderboard", "challenge_phases", "dataset_splits")
    }
    for link in config["challenge_phase_splits"]:
        assert link["challenge_phase_id"] in ids["challenge_phases"]
        assert link["leaderboard_id"] in ids["leaderboard"]
        assert link["dataset_split_id"] in ids["dataset_splits"]
    for board in config["leaderboard"]:
        schema = board["schema"]
        assert schema["default_order_by"] in schema["labels"]
        assert set(schema["metadata"]) == set(schema["labels"])
    for phase in config["challenge_phases"]:
        assert (challenge / phase["test_annotation_file"]).is_file()
        assert (challenge / phase["description"]).is_file()
        allowed = phase["allowed_submission_file_types"].split(", ")
        assert ".jsonl" not in allowed
        assert set(allowed) <= {".json", ".zip", ".txt", ".tsv", ".gz", ".csv", ".h5", ".npy"}
    assert [phase["codename"] for phase in config["challenge_phases"]] == list(TASKS)


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("suffix", [".json", ".gz", ".zip"])
def test_evaluate_gives_what_eval_gives(
    name: str,
    suffix: str,
    config: dict[str, Any],
    script: ModuleType,
    challenge: Path,
    tasks: dict[str, TaskData],
    tmp_path: Path,
) -> None:
    task_data = tasks[name]
    raw = predictions(task_data)
    path = tmp_path / f"submission{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("p.json", raw)
    else:
        path.write_bytes(gzip.compress(raw) if suffix == ".gz" else raw)
    phase = next(p for p in config["challenge_phases"] if p["codename"] == name)
    given = script.evaluate(
        str(challenge / phase["test_annotation_file"]),
        str(path),
        phase["codename"],
        submission_metadata={"id": 1, "status": "running"},
    )
    links = config["challenge_phase_splits"]
    link = next(link for link in links if link["challenge_phase_id"] == phase["id"])
    split = next(s for s in config["dataset_splits"] if s["id"] == link["dataset_split_id"])
    board = next(b for b in config["leaderboard"] if b["id"] == link["leaderboard_id"])
    assert list(given) == ["result", "submission_result"]
    values = given["result"][0][split["codename"]]
    assert list(values) == board["schema"]["labels"]

    gold = task_data.store.label_columns("test", task_data.test.locales)
    read = read_predictions([path], TaskIndex.of(task_data))
    scores = evaluate_labels(gold, read.columns, task_data, resamples=0).scores
    assert values["Exact match"] == pytest.approx(
        100 * known(scores.averages["pooled"].exact_match).value, abs=1e-4
    )
    assert values["Slot F1"] == pytest.approx(
        100 * known(scores.averages["pooled"].slot_f1).value, abs=1e-4
    )
    genera = known(scores.averages["macro_genera"].exact_match).value
    assert values["Exact match, macro over genera"] == pytest.approx(100 * genera, abs=1e-4)
    assert scores.signature in str(given["submission_result"])


def test_a_wrong_submission_is_told_why(
    script: ModuleType, challenge: Path, tasks: dict[str, TaskData], tmp_path: Path
) -> None:
    path = tmp_path / "submission.json"
    path.write_bytes(predictions(tasks["demo-full"]).replace(b"play_music", b"sing", 1))
    with pytest.raises(PredictionError, match="unknown intent 'sing'"):
        script.evaluate(str(challenge / "annotations" / "demo-full.npz"), str(path), "demo-full")


def test_the_wrong_phase_is_told(script: ModuleType, challenge: Path) -> None:
    with pytest.raises(MassiveKitError, match="not of the phase"):
        script.evaluate(str(challenge / "annotations" / "demo-full.npz"), "x", "demo-zeroshot")


def test_an_annotation_file_that_is_none(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK")
    with pytest.raises(MassiveKitError):
        script.evaluate(str(path), "x", "demo-full")


def test_touching_spans_are_scored_one_by_one(touching_task: TaskData, tmp_path: Path) -> None:
    gold = tmp_path / "gold.npz"
    write_gold(gold, touching_task, "x")
    rows = touching_task.test.read(["id", "locale", "intent", "annot_utt"]).to_pylist()

    def scored(*annotated: str) -> dict[str, float]:
        lines = [
            {"id": row["id"], "locale": row["locale"], "pred_intent": row["intent"]}
            | {"pred_annot_utt": text}
            for row, text in zip(rows, annotated, strict=True)
        ]
        path = tmp_path / "p.json"
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        result = evaluate(str(gold), str(path), "touching")
        assert "scheme:brackets" in result["submission_result"]["signature"]
        values: dict[str, float] = result["result"][0]["touching-test"]
        return values

    assert scored(*(row["annot_utt"] for row in rows))["Slot F1"] == 100
    # Two of four gold spans in four predicted ones, and then two in three: one merged.
    texts = ["play [song : b c] [song : d] now", rows[1]["annot_utt"]]
    assert scored(*texts)["Slot F1"] == 50
    texts = ["play [song : b c d] now", rows[1]["annot_utt"]]
    assert scored(*texts)["Slot F1"] == pytest.approx(100 * 4 / 7, abs=1e-4)
    assert scored(*texts)["Exact match"] == 50


def test_the_pages_say_what_a_span_is(touching_task: TaskData, tasks: dict[str, TaskData]) -> None:
    def details(*phases: TaskData) -> str:
        return challenge_pages(phases)["evaluation_details.html"]

    assert "micro over spans (each annotated one by itself" in details(touching_task)
    assert "micro over spans (maximal runs of one label)" in details(tasks["demo-full"])
    both = details(touching_task, tasks["demo-full"])
    assert "(touching: each annotated one by itself" in both
    assert "demo-full: maximal runs of one label)" in both
