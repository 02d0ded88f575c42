"""`eval`, `breakdown` and `compare` as a user runs them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from massive_kit.data.store import Store
from massive_kit.schema.scores import Scores, SeedScores
from tests.command_line import as_text, in_this_process
from tests.known import known

HEAVY = ("torch", "transformers", "datasets", "evaluate", "seqeval", "sklearn", "scipy", "ray")
LOCALES = ("de-DE", "en-US", "ja-JP")
TASK = """
name: three
title: Three locales of the demo corpus
setting: full
data: [demo]
source_locale: en-US
train: {partition: train}
dev: {partition: dev}
test: {partition: test, locales: [de-DE, en-US, ja-JP]}
"""


def run(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = as_text(in_this_process(*arguments))
    assert not (check and done.returncode), done.stderr
    return done


def write_predictions(path: Path, store: Store, locales: tuple[str, ...], *, every: int) -> Path:
    """Right predictions, but for the intent of each `every`-th line; of none for 0."""
    rows = store.read("test", locales, ["id", "locale", "intent", "annot_utt"]).to_pylist()
    with path.open("wb") as stream:
        for i, row in enumerate(rows):
            intent = "general_quirky" if every and i % every == 0 else row["intent"]
            line = {"id": row["id"], "locale": row["locale"], "pred_intent": intent}
            stream.write(orjson.dumps(line | {"pred_annot_utt": row["annot_utt"]}) + b"\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demo_store: Store) -> Path:
    """A task, two prediction files, and the evaluation of each."""
    root = tmp_path_factory.mktemp("cli")
    (root / "three.yaml").write_text(TASK, encoding="utf-8")
    for name, every in (("a", 3), ("b", 5)):
        path = write_predictions(root / f"{name}.jsonl", demo_store, LOCALES, every=every)
        run("eval", path, "--task", root / "three.yaml", "--out", root / name)
    return root


def test_scoring_loads_no_deep_learning_library(folder: Path) -> None:
    for arguments in (
        ["eval", str(folder / "a.jsonl"), "--task", str(folder / "three.yaml")],
        ["compare", str(folder / "a"), str(folder / "b"), "--resamples", "100"],
        ["breakdown", str(folder / "a"), "--by", "length", "--by", "script", "--transfer"],
        ["breakdown", str(folder / "a"), "--errors", "2", "--confusion", "intent"],
    ):
        code = (
            "import sys\n"
            "from massive_kit.cli.app import app\n"
            "try:\n"
            f"    app({arguments!r})\n"
            "except SystemExit as done:\n"
            "    assert not done.code, done.code\n"
            f"print([name for name in {HEAVY} if name in sys.modules])\n"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "[]", arguments


def test_eval_prints_tables_averages_and_the_signature(folder: Path) -> None:
    done = run("eval", folder / "a.jsonl", "--task", folder / "three.yaml")
    for part in ("Locales", "By genus", "By family", "By script", "Averages", "ja-JP c"):
        assert part in done.stdout
    assert "Jpan †" in done.stdout
    assert "one locale: says nothing about the group" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("task:three|data:demo@")


def test_eval_as_json_is_scores_json(folder: Path) -> None:
    arguments = ["eval", folder / "a.jsonl", "--task", folder / "three.yaml", "--format", "json"]
    scores = Scores.model_validate_json(run(*arguments).stdout)
    kept = Scores.model_validate_json((folder / "a" / "scores.json").read_text(encoding="utf-8"))
    assert scores == kept
    n = sum(locale.n for locale in scores.locales.values())
    wrong = len([i for i in range(n) if i % 3 == 0])
    assert known(scores.averages["pooled"].intent_accuracy).value == pytest.approx(
        1 - wrong / n, abs=0.01
    )
    assert set(scores.transfer) == {"de-DE", "ja-JP"}


def test_eval_as_csv_is_one_long_table(folder: Path) -> None:
    arguments = ["eval", folder / "a.jsonl", "--task", folder / "three.yaml", "--format", "csv"]
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--by", "word_order").stdout)))
    assert {row["kind"] for row in rows} == {"average", "locale", "word_order"}


def test_eval_of_invalid_predictions_is_1_with_every_mistake(folder: Path, tmp_path: Path) -> None:
    lines = (folder / "a.jsonl").read_bytes().splitlines(keepends=True)
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"".join(lines[2:]) + b'{"id": "x"\n')
    done = run("eval", broken, "--task", folder / "three.yaml", check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "broken.jsonl" in done.stderr


def test_eval_with_a_wrong_grouping_is_2(folder: Path) -> None:
    arguments = ["eval", folder / "a.jsonl", "--task", folder / "three.yaml", "--by", "colour"]
    done = run(*arguments, check=False)
    assert done.returncode == 2
    assert "columns to group by: script" in done.stderr


def test_cross_check_agrees(folder: Path) -> None:
    pytest.importorskip("seqeval")
    done = run("eval", folder / "a.jsonl", "--task", folder / "three.yaml", "--cross-check")
    assert "cross-check: 12 of 12 numbers agree" in done.stderr


def test_seeds_give_a_spread(folder: Path, tmp_path: Path) -> None:
    files = [folder / "a.jsonl", folder / "b.jsonl"]
    arguments = ["eval", *files, "--task", folder / "three.yaml", "--seeds"]
    done = run(*arguments, "--out", tmp_path)
    assert "Averages over 2 seeds" in done.stdout
    spread = SeedScores.model_validate_json((tmp_path / "seeds.json").read_text(encoding="utf-8"))
    assert known(spread.averages["pooled"].intent_accuracy).sd > 0
    assert known(spread.averages["pooled"].slot_f1).sd == 0
    assert (tmp_path / "1" / "scores.json").is_file()


def test_a_source_file_gives_the_transfer_gap(folder: Path, demo_store: Store) -> None:
    text = TASK.replace("[de-DE, en-US, ja-JP]", "[de-DE, ja-JP]").replace("three", "two")
    task = folder / "two.yaml"
    task.write_text(text, encoding="utf-8")
    target = write_predictions(folder / "two.jsonl", demo_store, ("de-DE", "ja-JP"), every=3)
    english = write_predictions(folder / "en.jsonl", demo_store, ("en-US",), every=10_000)
    arguments = ["eval", target, "--task", task, "--format", "json", "--source", english]
    scores = Scores.model_validate_json(run(*arguments).stdout)
    gap = known(scores.transfer["de-DE"].intent_accuracy)
    assert gap.value == pytest.approx(-1 / 3, abs=0.02)
    assert gap.low is not None


def test_compare_says_it_in_words(folder: Path) -> None:
    done = run("compare", folder / "a", folder / "b", "--resamples", 1000)
    assert "better in intent acc" in done.stdout
    assert "Regressions of b: 0" in done.stdout
    value = orjson.loads(run("compare", folder / "a", folder / "b", "--format", "json").stdout)
    assert {row["kind"] for row in value["tests"]["rows"]} >= {"locale", "average", "genus"}
    assert run("compare", folder / "a", check=False).returncode == 2


def test_breakdown_prints_errors_and_formats(folder: Path) -> None:
    done = run("breakdown", folder / "a", "--by", "scenario", "--format", "markdown")
    assert done.stdout.startswith("### By scenario")
    done = run("breakdown", folder / "a", "--confusion", "intent", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["predicted"] for row in rows} == {"general_quirky"}
    assert run("breakdown", folder / "a").stdout.count("mean over locales") == 3
    assert run("breakdown", folder / "nowhere", check=False).returncode == 1


def test_errors_where_slots_are_right_name_the_wrong_intents(folder: Path) -> None:
    done = run("breakdown", folder / "a", "--errors", "5", "--locale", "ja-JP")
    assert done.stdout == ""
    assert "no slot errors in ja-JP; " in done.stderr
    assert "wrong intents: see --by intent or --confusion intent" in done.stderr


def test_gold_labels_and_copied_scores_are_warned_about(
    folder: Path, demo_store: Store, tmp_path: Path
) -> None:
    gold = write_predictions(tmp_path / "gold.jsonl", demo_store, LOCALES, every=0)
    warning = "are these predictions, or the labels that they are scored with?"
    assert warning in run("eval", gold, "--task", folder / "three.yaml").stderr
    predictions = folder / "a.jsonl"
    assert warning not in run("eval", predictions, "--task", folder / "three.yaml").stderr
    facts = ("version=1", "title=A", "team=We", "date=2026-01-31", "architecture=encoder")
    adding = ("leaderboard", "add", predictions, "--task", folder / "three.yaml")
    options = [part for key in facts for part in ("-o", key)]
    first = run(*adding, "--results", tmp_path / "r", *options, "-o", "system=a")
    second = run(*adding, "--results", tmp_path / "r", *options, "-o", "system=b")
    assert "to the last digit" not in first.stderr
    assert "every language has the scores of a 1 to the last digit" in second.stderr
