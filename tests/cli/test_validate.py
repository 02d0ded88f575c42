"""`massive-kit validate`, `submission` and `leaderboard` as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from massive_kit.content import installed_root
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.data.tokens import annotate
from massive_kit.schema.task import load_task
from massive_kit.submission.rendering import rules_markdown
from massive_kit.submission.rules import RULES
from tests.command_line import as_text, in_this_process

# What `leaderboard add` must be told of a system.
FACTS = (
    "system=mine",
    "version=1",
    "title=Mine",
    "team=We",
    "date=2026-01-31",
    "architecture=other",
)
SAID = ("--resamples", "0", *(word for fact in FACTS for word in ("-o", fact)))


def run(*arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = as_text(in_this_process(*arguments, folder=folder))
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def predictions(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gold of the demo task as predictions, every fourth intent wrong."""
    task_data = lay_task(load_task("demo-full"), demo_store)
    columns = ["id", "locale", "intent", "tokens", "labels"]
    path = tmp_path_factory.mktemp("predictions") / "p.jsonl"
    with path.open("wb") as stream:
        rows = demo_store.read("test", task_data.test.locales, columns).to_pylist()
        for number, row in enumerate(rows):
            line: dict[str, Any] = {
                "id": row["id"],
                "locale": row["locale"],
                "pred_intent": row["intent"] if number % 4 else "play_music",
                "pred_annot_utt": annotate(row["tokens"], row["labels"]),
            }
            stream.write(orjson.dumps(line) + b"\n")
    return path


@pytest.fixture(scope="module")
def wrong(predictions: Path) -> Path:
    path = predictions.with_name("wrong.jsonl")
    path.write_bytes(predictions.read_bytes().replace(b"play_music", b"play_\\u202emusic", 3))
    return path


def test_a_valid_file(predictions: Path) -> None:
    done = run("validate", predictions, "--task", "demo-full")
    assert done.returncode == 0
    assert done.stdout.startswith("valid for demo-full: 0 errors, 0 warnings")


def test_an_invalid_file_as_text(wrong: Path) -> None:
    done = run("validate", wrong, "--task", "demo-full")
    assert done.returncode == 1
    assert f"{wrong}:1: MK301 unknown intent 'play_\\u202emusic'" in done.stdout
    assert "here and 2 more times" in done.stdout
    assert "\u202e" not in done.stdout


def test_an_invalid_file_as_json(wrong: Path) -> None:
    done = run("validate", wrong, "--task", "demo-full", "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["valid"] is False
    assert report["errors"] == 3
    assert report["counts"][0]["code"] == "MK301"
    assert report["problems"][0]["line"] == 1


def test_an_invalid_file_for_github(wrong: Path) -> None:
    done = run("validate", wrong, "--task", "demo-full", "--format", "github")
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"::error file={wrong},line=1,title=MK301 unknown intent::")


@pytest.mark.parametrize(
    "arguments",
    [(), ("x.jsonl",), ("--task", "demo-full"), ("x", "--task", "demo-full", "--format", "xml")],
)
def test_a_wrong_command_line(arguments: tuple[str, ...]) -> None:
    assert run("validate", *arguments).returncode == 2


def test_the_rules_are_listed() -> None:
    done = run("validate", "--rules")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == len(RULES)
    assert len(json.loads(run("validate", "--rules", "--format", "json").stdout)) == len(RULES)


def test_the_documentation_has_the_rules_as_they_are() -> None:
    text = (installed_root() / "docs" / "submissions.md").read_text(encoding="utf-8")
    assert rules_markdown() in text


def test_from_predictions_to_the_board(predictions: Path, tmp_path: Path) -> None:
    template = run("submission", "manifest")
    (tmp_path / "m.yaml").write_text(template.stdout, encoding="utf-8")
    bundle, results = tmp_path / "bundle.zip", tmp_path / "results"
    done = run(
        "submission", "pack", predictions, "--out", bundle, "--manifest", tmp_path / "m.yaml",
        "-o", "task=demo-full", "-o", "system=mine",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert run("submission", "check", bundle).returncode == 0
    comment = tmp_path / "c.md"
    added = run("leaderboard", "add", bundle, "--results", results, "--comment", comment)
    assert added.returncode == 0, added.stderr
    again = run(
        "leaderboard", "add", predictions, "--results", results, "--task", "demo-full",
        *SAID[2:], "-o", "system=other", "-o", "title=Other @all", "--comment", comment,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    text = comment.read_text(encoding="utf-8")
    assert "place 1 of 2" in text
    assert "@all" not in text
    assert "| My system 1 | +0.0 [+0.0, +0.0]" in text
    assert run("leaderboard", "check", "--results", results).returncode == 0
    (results / "mine" / "1" / "manifest.yaml").write_text("x: y\n")
    assert run("leaderboard", "check", "--results", results).returncode == 1


def test_the_manifest_must_be_of_the_task(predictions: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text(run("submission", "manifest").stdout, encoding="utf-8")
    described = ("--manifest", manifest, "--task", "demo-full")
    for done in (
        run("submission", "pack", predictions, "--out", tmp_path / "b.zip", *described),
        run("leaderboard", "add", predictions, "--results", tmp_path / "results", *described),
    ):
        assert done.returncode == 2
        assert "is for task 'massive-full', --task says 'demo-full'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["m.yaml"]
    file = tmp_path / "bundle"
    file.write_text("mine", encoding="utf-8")
    done = run("submission", "pack", predictions, "--out", file, *described, "-o", "task=demo-full")
    assert done.returncode == 1
    assert "a file is in the place of the folder" in done.stderr
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_with_a_manifest_is_enough(predictions: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "p.jsonl").write_bytes(predictions.read_bytes())
    lines = [f"{key}: {value}" for key, value in (fact.split("=") for fact in FACTS)]
    lines.append("task: demo-full")
    (folder / "manifest.yaml").write_text("\n".join(lines))
    results = tmp_path / "results"
    done = run("leaderboard", "add", folder, "--results", results, "--resamples", "0")
    assert done.returncode == 0, done.stderr
    scores = json.loads((results / "mine" / "1" / "scores.json").read_bytes())
    assert 0.7 < scores["averages"]["pooled"]["intent_accuracy"]["value"] < 0.8


def test_a_system_must_say_what_it_is(predictions: Path, tmp_path: Path) -> None:
    done = run("leaderboard", "add", predictions.parent, "--results", tmp_path)
    assert done.returncode == 2
    assert "--manifest" in done.stderr
    some = ("--task", "demo-full", "-o", "system=mine", "-o", "title=Mine")
    done = run("leaderboard", "add", predictions, "--results", tmp_path / "results", *some)
    assert done.returncode == 1
    for key in ("version", "team", "date", "architecture"):
        assert f"-o {key}=" in done.stderr
    assert not (tmp_path / "results").exists()


def test_nothing_is_written_into_the_package(predictions: Path, tmp_path: Path) -> None:
    mine = ("leaderboard", "add", str(predictions), "--task", "demo-full", *SAID)
    refused = run(*mine, folder=tmp_path)
    assert refused.returncode == 2
    assert "--results" in refused.stderr
    assert not (installed_root() / "leaderboard" / "results" / "mine").exists()
    board = tmp_path / "leaderboard"
    board.mkdir()
    (board / "board.yaml").write_text("title: Ours", encoding="utf-8")
    assert run(*mine, folder=tmp_path).returncode == 0
    assert (board / "results" / "mine" / "1" / "scores.json").is_file()


def test_demo_scores_are_no_scores_of_massive(predictions: Path, tmp_path: Path) -> None:
    where = ("--task", "massive-full", "--data", "demo", "--results", str(tmp_path))
    done = run("leaderboard", "add", predictions, *where, *SAID)
    assert done.returncode == 2
    assert "the demo corpus is not the data of massive-full" in done.stderr


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    for call in (("check", "--results", "nofile"), ("add", "nofile", "--results", tmp_path)):
        done = run("leaderboard", *call, folder=tmp_path)
        assert done.returncode == 1
        assert "nofile: no such" in done.stderr


def test_export_evalai(tmp_path: Path) -> None:
    arguments = ("--task", "demo-full", "--task", "demo-zeroshot")
    done = run("export", "evalai", tmp_path / "challenge", *arguments)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "challenge" / "challenge_config.yaml").is_file()
    assert run("export", "evalai", tmp_path / "challenge", *arguments).returncode == 0
    assert run("export", "evalai", tmp_path / "c", "--start", "soon").returncode == 2


@pytest.mark.parametrize("kind", ["evalai", "hf-dataset"])
def test_an_export_empties_no_folder_of_others(kind: str, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    done = run("export", kind, tmp_path, "--data", "demo")
    assert done.returncode == 2
    assert "holds other files" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_these_commands_load_no_deep_learning_library(predictions: Path, tmp_path: Path) -> None:
    where = ["--results", str(tmp_path / "results")]
    calls = [
        ["validate", str(predictions), "--task", "demo-full"],
        ["leaderboard", "add", str(predictions), "--task", "demo-full", *where, *SAID],
        ["leaderboard", "check", *where],
    ]
    code = (
        "import sys\n"
        "from massive_kit.cli.app import main\n"
        f"for call in {calls!r}:\n"
        "    sys.argv = ['massive-kit', *call]\n"
        "    try:\n"
        "        main()\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, call\n"
        "heavy = {'torch', 'transformers', 'datasets', 'evaluate', 'seqeval'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("[]")
