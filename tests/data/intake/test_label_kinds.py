"""Corpora that have intents alone or slots alone, and those that cannot decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.errors import DataError

SLOTS = {"utt": "weck mich um fünf", "annot_utt": "weck mich um [time : fünf]"}
INTENT = {"utt": "spiel [laut] \\o/", "intent": "play_music"}
BOTH = {**SLOTS, "intent": "alarm_set"}
UNLABELLED = {"utt": "ohne alles"}


def write(path: Path, *rows: dict[str, Any], first: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"id": str(number), "locale": "de-DE", "partition": "test", **row})
        for number, row in enumerate(rows, first)
    ]
    path.write_text("\n".join(lines))
    return path


def rows(store: Store) -> list[dict[str, Any]]:
    return list(store.read("test", ["de-DE"]).to_pylist())


def test_slots_alone_are_a_corpus_without_intents(tmp_path: Path) -> None:
    source = write(tmp_path / "x.jsonl", SLOTS, UNLABELLED)
    imported = import_source(source, tmp_path / "store", name="x")
    assert imported.remarks == ["no row has an intent, so that slots alone are learnt and scored"]
    # MASSIVE's slots, but not its intents, of which none may be predicted.
    assert imported.store.inventory == Inventory((), ("time",), {}, "runs")
    labelled, unlabelled = rows(imported.store)
    assert (labelled["intent"], labelled["labels"][-1]) == (None, "time")
    assert unlabelled["labels"] is None


def test_intents_alone_are_a_corpus_without_slots(tmp_path: Path) -> None:
    source = write(tmp_path / "x.jsonl", INTENT, {**INTENT, "annot_utt": ""}, UNLABELLED)
    imported = import_source(source, tmp_path / "store", name="x")
    assert imported.remarks == [
        "no row has annotated slots, so that intents alone are learnt and scored"
    ]
    labelled, empty, unlabelled = rows(imported.store)
    assert labelled["annot_utt"] == empty["annot_utt"] == r"spiel \[laut\] \\o/"
    assert labelled["tokens"] == ["spiel", "[laut]", "\\o/"]
    assert labelled["labels"] == ["Other"] * 3
    assert (unlabelled["annot_utt"], unlabelled["labels"]) == (None, None)
    # The same as where somebody wrote the annotation without slots.
    annotated = {**INTENT, "annot_utt": labelled["annot_utt"]}
    again = import_data(
        write(tmp_path / "y.jsonl", annotated, annotated, UNLABELLED), tmp_path / "again", name="y"
    )
    assert rows(again) == rows(imported.store)
    assert again.hash == imported.store.hash


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (SLOTS, BOTH, "an intent and annotated slots"),
        (INTENT, BOTH, "an intent and annotated slots"),
        (INTENT, SLOTS, "annotated slots but no intent"),
    ],
)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_files_that_do_not_agree_are_refused(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any], what: str, skip_bad: bool
) -> None:
    write(tmp_path / "raw" / "a.jsonl", UNLABELLED, one)
    write(tmp_path / "raw" / "b.jsonl", other, first=5)
    with pytest.raises(DataError, match="its rows do not agree") as caught:
        import_source(tmp_path / "raw", tmp_path / "store", name="x", skip_bad=skip_bad)
    first, second = caught.value.problems
    assert (first.place, second.place) == (
        f"{tmp_path}/raw/a.jsonl:2",
        f"{tmp_path}/raw/b.jsonl:1",
    )
    assert f"and elsewhere with {what}" in first.found
    assert "import them as stores of their own" in str(first)


def test_nothing_is_told_of_usual_rows(tmp_path: Path) -> None:
    imported = import_source(write(tmp_path / "x.jsonl", BOTH), tmp_path / "store", name="x")
    assert imported.remarks == []
    assert imported.store.inventory == Inventory.massive()


def test_other_in_an_escaped_bracket_is_text(tmp_path: Path) -> None:
    texts = {r"\[Other : x": "[Other : x", r"a\\ \[Other:y\]": "a\\ [Other:y]"}
    lines = [{**BOTH, "utt": text, "annot_utt": annotated} for annotated, text in texts.items()]
    store = import_data(write(tmp_path / "x.jsonl", *lines), tmp_path / "store", name="x")
    assert [row["utt"] for row in rows(store)] == list(texts.values())
    slot = {**BOTH, "utt": "\\x", "annot_utt": r"\\[Other : x]"}
    with pytest.raises(DataError, match="a slot named 'Other'"):
        import_data(write(tmp_path / "x.jsonl", slot), tmp_path / "store", name="x")
