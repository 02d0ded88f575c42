"""Options that take a locale take it in any spelling, and say what may be meant by a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MissingDataError, UsageError

DEMO = ("--data", "demo")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("data", "show", *DEMO, "--n", "3", "--locale"),
        ("data", "stats", *DEMO, "--format", "json", "--locale"),
        ("data", "card", *DEMO, "--locale"),
        ("data", "check", *DEMO, "--format", "json", "--reference"),
    ],
    ids=" ".join,
)
def test_any_spelling(words: tuple[str, ...]) -> None:
    assert run(*words, "pt_PT") == run(*words, "pt-PT")
    with pytest.raises(MissingDataError) as caught:
        run(*words, "jp")
    assert str(caught.value) == "the store demo has no locale 'jp'; did you mean 'ja-JP'?"


def test_a_derived_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path))
    words = ("data", "sample", *DEMO, "--name", "few", "--per-intent", "1", "--locale")
    run(*words, "pt_PT", "--locale", "ja")
    assert "in 2 locales" in run("data", "check", "--data", "few")
    with pytest.raises(MissingDataError, match=r"no locale 'jp'; did you mean 'ja-JP'\?"):
        run(*words, "jp")


def test_the_hub() -> None:
    with pytest.raises(MissingDataError) as caught:
        run("data", "fetch", "--from", "hub", "--locale", "ja", "--locale", "jp")
    assert str(caught.value) == "the hub's data set has no locale 'jp'; did you mean 'ja-JP'?"


def test_an_import(tmp_path: Path) -> None:
    rows = tmp_path / "x.conll"
    with pytest.raises(UsageError) as caught:
        run("data", "import", str(rows), "--name", "x", "--locale", "zh")
    assert str(caught.value) == (
        "--locale: 'zh' can be more than one locale; did you mean 'zh-CN' or 'zh-TW'?"
    )


def test_a_breakdown(tmp_path: Path) -> None:
    task = ("--task", "demo-full", *DEMO)
    run("train", "majority", *task, "--out", str(tmp_path / "run"))
    out = str(tmp_path / "scores")
    run("eval", str(tmp_path / "run"), *task, "--resamples", "0", "--out", out)
    assert run("breakdown", out, "--locale", "ja") == run("breakdown", out, "--locale", "ja-JP")
    with pytest.raises(UsageError) as caught:
        run("breakdown", out, "--locale", "jp")
    assert str(caught.value) == "jp was not scored; did you mean 'ja-JP'?"
