"""Rewrites at prediction time: only where the words hold the values, and never silently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.inventory import Inventory
from massive_kit.errors import DataError
from massive_kit.feedback.applying import RewritingSystem, apply_to_files
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.placing import placed
from massive_kit.feedback.rewrite_table import write_table
from massive_kit.feedback.rewrites import Evidence, Rewrite
from massive_kit.feedback.rewriting import Rewriter
from massive_kit.languages import LanguageTable
from massive_kit.systems.interface import Prediction, Utterance

LANGUAGES = LanguageTable.shipped()
WRONG = Interpretation.of("play_music", [("song_name", "Fünf Uhr")])
RIGHT = Interpretation.of("alarm_set", [("time", "fünf uhr"), ("date", "heute")])
EVIDENCE = Evidence(9, 0, 5, 5, 1.0, 1.0, 0.6, 0.4, 6, 0.5, 9, 9, 0.8)
REWRITES = [
    Rewrite("de-DE", WRONG, RIGHT, EVIDENCE),
    Rewrite("de-DE", RIGHT, WRONG, EVIDENCE, state="withdrawn"),
]


def line(utterance: str, **more: Any) -> dict[str, Any]:
    value = {"id": "1", "locale": "de-DE", "pred_intent": "play_music"}
    return value | {"pred_annot_utt": utterance} | more


def applied(tmp_path: Path, *lines: object) -> list[dict[str, Any]]:
    path, out = tmp_path / "p.jsonl", tmp_path / "new" / "p.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    apply_to_files(path, out, Rewriter.of(REWRITES), LANGUAGES)
    return [orjson.loads(text) for text in out.read_bytes().splitlines()]


def test_a_prediction_is_rewritten_where_the_words_hold_the_values(tmp_path: Path) -> None:
    lines = applied(
        tmp_path,
        line("heute um [song_name : fünf UHR]", pred_slots=[["fünf UHR", "song_name"]], utt=["x"]),
        line("morgen um [song_name : fünf uhr]", id="2"),
        line("heute um fünf uhr", id="3"),
        line("[date : heute] [time : fünf uhr]", id="4", pred_intent="alarm_set"),
        line("[song_name : fünf uhr] heute", id="5", locale="sw_KE"),
    )
    first = lines[0]
    assert first["pred_intent"] == "alarm_set"
    assert first["pred_annot_utt"] == "[date : heute] um [time : fünf UHR]"
    assert first["pred_slots"] == [["heute", "date"], ["fünf UHR", "time"]]
    assert first["utt"] == ["x"]
    # A value is not in the words; another interpretation; withdrawn; another language.
    assert [entry["pred_intent"] for entry in lines[1:]] == [
        "play_music",
        "play_music",
        "alarm_set",
        "play_music",
    ]
    assert lines[4] == line("[song_name : fünf uhr] heute", id="5", locale="sw_KE")


@pytest.mark.parametrize(
    ("tokens", "slots", "expected"),
    [
        (["a", "b", "a"], [("x", "a"), ("y", "a")], ["x", "Other", "y"]),
        (["a", "a"], [("x", "a"), ("x", "a")], ["x", "x"]),
        # A long value first, so that a short one does not take its words.
        (["a", "b", "a"], [("x", "a"), ("y", "a b")], ["y", "y", "x"]),
        (["A", "B"], [("x", "a b")], ["x", "x"]),
        (["ab"], [("x", "a b")], None),
        (["a"], [("x", "a"), ("y", "a")], None),
    ],
)
def test_values_are_placed_in_free_words(
    tokens: list[str], slots: list[tuple[str, str]], expected: list[str] | None
) -> None:
    words = placed(Interpretation.of("i", slots), tokens, characters=False)
    assert (words and words.labels) == expected
    if tokens == ["a", "a"]:
        assert words is not None
        assert words.boundaries == (1,)


def test_values_are_placed_in_characters() -> None:
    words = placed(
        Interpretation.of("i", [("time", "五時 AM")]), [*"今五時", "am"], characters=True
    )
    assert words is not None
    assert words.labels == ["Other", "time", "time", "time"]


def test_the_command_says_what_it_changed(tmp_path: Path) -> None:
    path, table, out = (tmp_path / name for name in ("p.jsonl", "t.tsv", "out.jsonl"))
    path.write_bytes(orjson.dumps(line("heute um [song_name : fünf uhr]")))
    write_table(table, REWRITES)
    arguments = [str(path), "--table", str(table), "--out", str(out), "--format", "json"]
    done = CliRunner().invoke(app, ["feedback", "apply", *arguments])
    assert done.exit_code == 0, done.output
    assert orjson.loads(out.read_bytes())["pred_intent"] == "alarm_set"
    assert '"rewritten": 1' in done.stdout


def test_wrong_predictions_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        applied(tmp_path, line("ok"), line("[a"), line("ok"), {"id": 3}, line("x", locale="zz"), 3)
    # The second row of the same id is one, too.
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5, 6]
    assert not (tmp_path / "new" / "p.jsonl").exists()


@dataclass
class Music:
    """Takes everything for music."""

    character_locales: frozenset[str] = frozenset()
    inventory: Inventory = field(default_factory=Inventory.massive)

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        for utterance in utterances:
            slots = [
                "song_name" if word in {"fünf", "uhr"} else "Other" for word in utterance.tokens
            ]
            yield Prediction(utterance, "play_music", slots)


def test_any_system_is_wrapped() -> None:
    system = RewritingSystem(Music(), Rewriter.of(REWRITES))
    said = [
        Utterance(str(number), "de-DE", text, text.split())
        for number, text in enumerate(["heute um fünf uhr", "um fünf uhr", "hallo"])
    ]
    first, *others = system.predict(said)
    assert (first.intent, [*first.labels]) == ("alarm_set", ["date", "Other", "time", "time"])
    assert [prediction.intent for prediction in others] == ["play_music"] * 2
    counts = system.rewriter.counts["de-DE"]
    assert (counts.predictions, counts.rewritten, counts.unplaced) == (3, 1, 1)
