"""Sentences that `predict` cannot read, and locales that somebody spells in another way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.cli.predict_text import TextFormat, print_predictions
from massive_kit.data.inventory import Inventory
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.errors import UsageError
from massive_kit.systems.interface import Prediction, Utterance


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


@dataclass(frozen=True)
class EverySong:
    """Calls every word but the first a song of its own."""

    inventory: Inventory
    character_locales: frozenset[str] = frozenset()

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        label = "B-the song" if self.inventory.scheme == "brackets" else "the song"
        for utterance in utterances:
            labels = ["Other", *[label] * (len(utterance.tokens) - 1)]
            yield Prediction(utterance, "IN:PLAY", labels)


@pytest.mark.parametrize(
    ("scheme", "shown"),
    [
        ("brackets", "IN:PLAY  play  [the song : a] [the song : \\[b]\n"),
        ("runs", "IN:PLAY  play  [the song : a \\[b]\n"),
    ],
)
def test_touching_spans_are_shown_as_the_scheme_counts_them(
    scheme: SpanScheme, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    system = EverySong(Inventory(("IN:PLAY",), ("the song",), {}, scheme))
    print_predictions(system, ["play  a [b"], "en-US", TextFormat.brackets)
    assert capsys.readouterr().out == shown
