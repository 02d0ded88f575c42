"""Options that take a locale take it in any spelling, and say what may be meant by a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MissingDataError, UsageError

LOCALES = ("en-US", "ja-JP", "pt-PT")
TASK = """\
name: tiny
title: Three locales
setting: full
data: [tiny]
train: {partition: train}
dev: {partition: dev}
test: {partition: test, locales: [PT_pt, ja, eng]}
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spellings") / "tiny.jsonl"
    rows = [
        {"id": f"{partition}{number}", "locale": locale, "partition": partition, "intent": "hello"}
        | {"utt": f"x {number}", "annot_utt": f"[name : x] {number}"}
        for locale in LOCALES
        for partition in ("train", "dev", "test")
        for number in range(3)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def run(*words: str | Path) -> str:
    done = CliRunner().invoke(app, list(map(str, words)))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("data", "show", "--n", "3", "--locale"),
        ("data", "stats", "--format", "json", "--locale"),
        ("data", "card", "--locale"),
        ("data", "check", "--format", "json", "--reference"),
    ],
    ids=" ".join,
)
def test_any_spelling(words: tuple[str, ...], corpus: Path) -> None:
    *command, option = words
    given: list[str | Path] = [*command, "--data", corpus, option]
    assert run(*given, "pt_PT") == run(*given, "pt-PT")
    with pytest.raises(MissingDataError) as caught:
        run(*given, "jp")
    assert str(caught.value) == "the store tiny has no locale 'jp'; did you mean 'ja-JP'?"


def test_a_derived_store(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path))
    words = ("data", "sample", "--data", corpus, "--name", "few", "--per-intent", "1", "--locale")
    assert "in 2 locales -> " in run(*words, "pt_PT", "--locale", "ja")
    with pytest.raises(MissingDataError, match=r"no locale 'jp'; did you mean 'ja-JP'\?"):
        run(*words, "jp")


def test_the_hub() -> None:
    with pytest.raises(MissingDataError) as caught:
        run("data", "fetch", "--from", "hub", "--locale", "ja", "--locale", "jp")
    assert str(caught.value) == "the hub's data set has no locale 'jp'; did you mean 'ja-JP'?"


def test_an_import(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run("data", "import", tmp_path / "x.conll", "--name", "x", "--locale", "zh")
    assert str(caught.value) == (
        "--locale: 'zh' can be more than one locale; did you mean 'zh-CN' or 'zh-TW'?"
    )


def test_a_task_its_predictions_and_a_breakdown(corpus: Path, tmp_path: Path) -> None:
    task, out = tmp_path / "tiny.yaml", tmp_path / "scores"
    task.write_text(TASK, encoding="utf-8")
    given = ("--task", task, "--data", corpus)
    predicted = tmp_path / "p.jsonl"
    lines = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    predictions = [
        {
            "id": row["id"],
            "locale": row["locale"].partition("-")[0],
            "pred_intent": row["intent"],
            "pred_annot_utt": row["annot_utt"],
        }
        for row in lines
        if row["partition"] == "test"
    ]
    predicted.write_text("\n".join(map(json.dumps, predictions)), encoding="utf-8")
    run("validate", predicted, *given)
    run("eval", predicted, *given, "--resamples", "0", "--out", out)
    assert run("breakdown", out, "--locale", "ja") == run("breakdown", out, "--locale", "ja-JP")
    with pytest.raises(UsageError) as caught:
        run("breakdown", out, "--locale", "jp")
    assert str(caught.value) == "jp was not scored; did you mean 'ja-JP'?"
