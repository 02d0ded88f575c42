"""Sentences that `predict` cannot read, and locales that somebody spells in another way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.errors import UsageError


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("majority") / "run"
    task = ["--task", "demo-full", "--data", "demo"]
    done = CliRunner().invoke(app, ["train", "majority", *task, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def predict(run: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    done = CliRunner().invoke(
        app, ["predict", str(run), "--format", "json", *arguments], input=stdin
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_bytes_that_are_not_utf_8_are_told_with_their_line(counted: Path) -> None:
    with pytest.raises(UsageError, match="stdin:2: byte 4 is not UTF-8"):
        predict(counted, "--text", "-", stdin=b"wake me\nplay\xff\n")
    done = predict(counted, "--text", "-", stdin="wake me\r\n\n明日\n".encode())
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_sentence_is_told(text: str, counted: Path) -> None:
    with pytest.raises(UsageError, match="--text is empty"):
        predict(counted, "--text", text)


@pytest.mark.parametrize("text", ["\udcff"])
def test_an_argument_that_is_not_utf_8_is_told(text: str, counted: Path) -> None:
    with pytest.raises(UsageError, match="--text is not UTF-8"):
        predict(counted, "--text", text)


def test_a_locale_in_another_spelling_is_the_known_one(counted: Path) -> None:
    done = predict(counted, "--text", "明日", "--locale", "ja-jp")
    line = json.loads(done.stdout)
    assert (line["locale"], line["utt"]) == ("ja-JP", ["明", "日"])
    assert not done.stderr


@pytest.mark.parametrize("given", ["ja", "jpn", "ja_JP", "jpn_Jpan"])
def test_a_language_alone_is_its_one_locale(counted: Path, given: str) -> None:
    line = json.loads(predict(counted, "--text", "明日", "--locale", given).stdout)
    assert (line["locale"], line["utt"]) == ("ja-JP", ["明", "日"])


def test_another_language_is_taken_with_a_warning(counted: Path) -> None:
    done = predict(counted, "--text", "hello 你好", "--locale", "zh_hk")
    line = json.loads(done.stdout)
    assert (line["locale"], line["utt"]) == ("zh-HK", ["hello", "你", "好"])
    assert "warning: --locale 'zh_hk' is not a locale" in done.stderr
    assert "did you mean 'zh-CN' or 'zh-TW'?" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("jp-JP", "--locale: 'jp-JP' is not a locale code; did you mean 'ja-JP'?"),
        ("zh", "--locale: 'zh' can be more than one locale; did you mean 'zh-CN' or 'zh-TW'?"),
    ],
)
def test_what_can_be_no_locale_or_several_is_refused(
    counted: Path, given: str, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        predict(counted, "--text", "hello", "--locale", given)
    assert str(caught.value) == message
