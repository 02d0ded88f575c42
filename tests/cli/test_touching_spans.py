"""Touching spans of one slot, through the commands, in a corpus that counts them one by one.

All numbers are by hand: see `GOLD` and `GUESSED`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.notation import strip
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, ContentError, UsageError

# Under `brackets` 6 gold spans, 5 predicted, 1 of them right: F1 2/11, exact match 1/4.
# Under `runs` 5 gold spans, 4 predicted, 3 of them right: F1 6/9, exact match 3/4.
GOLD = [
    "play [SL:SONG : a] [SL:SONG : b]",
    "play [SL:SONG : a] now",
    "wake me [date time : at five]",
    r"[date time : five] [SL:SONG : c] \]",
]
GUESSED = [
    "play [SL:SONG : a b]",
    "play [SL:SONG : a] now",
    "wake me [date time : at] [date time : five]",
    r"five [SL:SONG : c \]]",
]
TASK = """\
name: {name}
title: Songs
setting: full
data: [{name}]
train: {{partition: train}}
dev: {{partition: train}}
test: {{partition: test}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("touching")
    rows = [
        {
            "id": str(number) if partition == "test" else f"train-{number}",
            "locale": "en-US",
            "partition": partition,
            "intent": "IN:GO",
            "utt": strip(text),
            "annot_utt": text,
        }
        for partition in ("train", "test")
        for number, text in enumerate(GOLD)
    ]
    (folder / "raw.jsonl").write_text("\n".join(map(json.dumps, rows)))
    lines = [
        {"id": str(number), "locale": "en-US", "pred_intent": "IN:GO", "pred_annot_utt": text}
        for number, text in enumerate(GUESSED)
    ]
    (folder / "guessed.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "tasks").mkdir()
    for name in ("one-by-one", "merged"):
        (folder / "tasks" / f"{name}.yaml").write_text(TASK.format(name=name))
    return folder


Command = Callable[..., Any]


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(place)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(place / "home"))

    def command(*arguments: str) -> Any:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    if not (place / "merged-scores").is_dir():
        command("data", "import", "raw.jsonl", "--name", "one-by-one")
        command("data", "import", "raw.jsonl", "--name", "merged", "--scheme", "runs")
        for name in ("one-by-one", "merged"):
            task = ("--task", name, "--resamples", "200", "--out", f"{name}-scores")
            command("eval", "guessed.jsonl", *task)
    return command


@pytest.mark.parametrize(
    ("name", "f1", "exact", "spans"),
    [("one-by-one", 2 / 11, 1 / 4, (6, 5)), ("merged", 6 / 9, 3 / 4, (5, 4))],
)
def test_each_scheme_is_confirmed_by_seqeval_in_its_own_tags(
    name: str, f1: float, exact: float, spans: tuple[int, int], run: Command, place: Path
) -> None:
    pytest.importorskip("seqeval")
    done = run("eval", "guessed.jsonl", "--task", name, "--cross-check")
    assert "cross-check: 6 of 6 numbers agree" in done.stderr
    scores = json.loads((place / f"{name}-scores" / "scores.json").read_text())
    pooled, english = scores["averages"]["pooled"], scores["locales"]["en-US"]
    assert pooled["slot_f1"]["value"] == pytest.approx(f1)
    assert pooled["exact_match"]["value"] == pytest.approx(exact)
    assert (english["gold_spans"], english["predicted_spans"]) == spans
    assert scores["scheme"] == ("runs" if name == "merged" else "brackets")


def test_a_store_is_looked_at(run: Command, place: Path) -> None:
    count = ("--partition", "test", "--labels", "slots", "--format", "json")
    apart = run("data", "stats", "--data", "one-by-one", *count).stdout
    assert json.loads(apart) == {"SL:SONG": 4, "date time": 2}
    merged = run("data", "stats", "--data", "merged", *count).stdout
    assert json.loads(merged) == {"SL:SONG": 3, "date time": 2}
    done = CliRunner().invoke(app, ["data", "diff", "one-by-one", "merged"])
    assert done.exit_code == 1
    assert done.stdout == "the span scheme is brackets in the first, runs in the second\n"
    assert run("data", "diff", "one-by-one", "raw.jsonl").stdout == "the same data\n"
    run("data", "card", "--data", "one-by-one")
    card = (place / "data_cards" / "one-by-one.md").read_text()
    assert "| `SL:SONG` | 8 | 66.7 % |" in card
    shown = run("data", "show", "--data", "one-by-one", "--locale", "en-US", "--id", "3").stdout
    assert r"[date time : five] [SL:SONG : c] \]" in shown


def test_ids_and_intents_are_shown_as_they_are(run: Command, place: Path) -> None:
    row = {"id": "[1]", "locale": "en-US", "partition": "test", "intent": "[/GO]"}
    row |= {"utt": "stop [b]", "annot_utt": r"stop \[b\]"}
    (place / "odd.jsonl").write_text(json.dumps(row))
    shown = run("data", "show", "--data", "odd.jsonl").stdout
    assert shown == "[1] [/GO]  stop \\[b\\]\n"


def test_a_sample_keeps_spans_apart(run: Command, place: Path) -> None:
    run("data", "sample", "--data", "one-by-one", "--name", "few", "--n", "3")
    few = Store.open(place / "home" / "data" / "few")
    assert few.inventory.scheme == "brackets"
    labels = few.label_columns("train", ["en-US"])
    whole = Store.open(place / "home" / "data" / "one-by-one").label_columns("train", ["en-US"])
    assert len(labels) == 3
    for row, name in enumerate(labels.ids.tolist()):
        assert labels.row_labels(row) == whole.row_labels(whole.ids.tolist().index(name))


def test_merged_spans_do_not_teach_to_tell_them_apart(run: Command) -> None:
    task = ("--task", "one-by-one", "--train-data", "merged", "--out", "wrong")
    with pytest.raises(ConfigError, match="say less of spans") as refused:
        run("train", "majority", *task)
    assert "import merged again with --scheme brackets" in str(refused.value.problems[0])


def test_the_original_scorer_cannot_count_them(run: Command) -> None:
    with pytest.raises(UsageError, match="touching slots for one"):
        run("eval", "guessed.jsonl", "--task", "one-by-one", "--compat", "alexa")
    run("eval", "guessed.jsonl", "--task", "merged", "--compat", "alexa")


def test_a_run_that_merges_spans_is_warned_of(run: Command) -> None:
    run("train", "majority", "--task", "merged", "--out", "run")
    done = run("eval", "run", "--task", "one-by-one", "--resamples", "0")
    assert "warning: run: it was trained under the span scheme runs" in done.stderr
    done = run("eval", "run", "--task", "merged", "--resamples", "0")
    assert "span scheme" not in done.stderr


def test_systems_under_two_schemes_are_not_compared(run: Command) -> None:
    with pytest.raises(ContentError, match="cannot be compared") as refused:
        run("compare", "one-by-one-scores", "merged-scores", "--resamples", "100")
    assert any("span scheme runs; expected brackets" in str(p) for p in refused.value.problems)


def test_a_merged_span_is_a_wrong_boundary_and_a_missed_one(run: Command) -> None:
    shown = run("breakdown", "one-by-one-scores", "--by", "error", "--format", "json").stdout
    table = json.loads(shown)["error"]
    kinds = ("right", "type", "boundary", "both", "missed", "spurious")
    # Song a b and the two times are one boundary each, with one missed and one spurious; the third
    # boundary is that of the bracket.
    assert [table["rows"][-1][kind] for kind in kinds] == [1, 0, 3, 0, 2, 1]
    assert "predicted as one: boundary and missed" in table["notes"][1]
    table = json.loads(
        run("breakdown", "merged-scores", "--by", "error", "--format", "json").stdout
    )["error"]
    assert [table["rows"][-1][kind] for kind in kinds] == [3, 0, 1, 0, 1, 0]
    assert len(table["notes"]) == 1


def test_tables_name_slots_as_they_are(run: Command) -> None:
    by = [part for facet in ("slot", "slots", "values", "seen") for part in ("--by", facet)]
    more = ("--confusion", "slot", "--errors", "4", "--data", "one-by-one")
    shown = run("breakdown", "one-by-one-scores", *by, *more, "--resamples", "0").stdout
    for text in ("SL:SONG", "date time", "all values seen in train", r"[SL:SONG : c \]]"):
        assert text in shown
    assert "[SL:SONG : a] [SL:SONG : b]" in shown
    assert "wake me [date time : at] [date time : five]" in shown


def test_a_board_counts_the_spans_of_a_task_in_one_way(run: Command, place: Path) -> None:
    facts = {"version": "1.0", "team": "us", "setting": "full", "date": "2026-01-31"}
    facts |= {"title": "x", "architecture": "encoder"}

    def add(system: str, task: str, tree: str) -> None:
        known = facts | {"system": system, "task": task}
        changes = [part for key, value in known.items() for part in ("-o", f"{key}={value!r}")]
        options = ("--resamples", "100", "--results", f"{tree}/results")
        run("leaderboard", "add", "guessed.jsonl", *changes, *options)

    add("a", "one-by-one", "board")
    run("leaderboard", "build", "--results", "board/results", "--out", "site")
    about = (place / "site" / "about.html").read_text()
    assert "Each annotated span counts by itself" in about
    assert "maximal run" not in about
    page = next((place / "site" / "systems").rglob("*.html")).read_text()
    assert "each by itself, where two touch" in page
    add("b", "merged", "board")
    run("leaderboard", "build", "--results", "board/results", "--out", "both")
    about = (place / "both" / "about.html").read_text()
    assert "but in one-by-one each annotated span counts by itself" in about
    # As if somebody had imported the task's data under another scheme.
    for name in ("scores.json", "manifest.yaml"):
        path = place / "board" / "results" / "b" / "1.0" / name
        path.write_text(path.read_text().replace("merged", "one-by-one"))
    with pytest.raises(ContentError) as refused:
        run("leaderboard", "check", "--results", "board/results")
    assert any("the span scheme 'runs'" in str(problem) for problem in refused.value.problems)
