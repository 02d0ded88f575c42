"""Slot values that are copied from training rows."""

from __future__ import annotations

from pathlib import Path

from massive_kit.systems.neighbours.slot_values import LabelledTokens, SlotValues


def row(intent: str, *pairs: tuple[str, str]) -> LabelledTokens:
    return LabelledTokens(intent, [token for token, _ in pairs], [label for _, label in pairs])


def other(text: str) -> list[tuple[str, str]]:
    return [(token, "Other") for token in text.split()]


ROWS = [
    row(
        "alarm",
        *other("wake me at"),
        ("five", "time"),
        ("in", "time"),
        ("the", "time"),
        ("morning", "time"),
    ),
    row("alarm", *other("wake me at"), ("five", "time"), *other("please")),
    row("alarm", *other("at"), ("five", "time"), ("tomorrow", "date")),
    # Rather a word than a slot: it is one once in three times.
    row("alarm", ("me", "person")),
    row("music", *other("play"), ("Five", "band")),
]


def test_the_longest_value_comes_first_and_no_token_twice() -> None:
    values = SlotValues.of(ROWS, "runs")
    said = ["Five", "in", "the", "morning", "and", "five", "tomorrow"]
    assert values.labels(said, "alarm", "runs") == [*["time"] * 4, "Other", "time", "date"]


def test_only_slots_of_the_intent_are_copied() -> None:
    values = SlotValues.of(ROWS, "runs")
    assert values.labels(["five", "tomorrow"], "music", "runs") == ["band", "Other"]
    assert values.labels(["five"], "unheard", "runs") == ["Other"]
    assert values.labels([], "alarm", "runs") == []


def test_what_is_mostly_no_slot_is_not_copied() -> None:
    values = SlotValues.of(ROWS, "runs")
    assert ("me",) not in values.by_intent["alarm"]
    assert values.labels(["wake", "me"], "alarm", "runs") == ["Other", "Other"]


def test_touching_values_stay_two_where_the_corpus_says_so() -> None:
    rows = [row("", ("five", "B-time"), ("six", "B-time"), ("a", "B-time"), ("m", "I-time"))]
    values = SlotValues.of(rows, "brackets")
    assert len(values) == 3
    labels = values.labels(["six", "a", "m", "or", "five"], "", "brackets")
    assert labels == ["B-time", "B-time", "I-time", "Other", "B-time"]


def test_values_are_read_back(tmp_path: Path) -> None:
    values = SlotValues.of(ROWS, "runs")
    values.save(tmp_path)
    assert SlotValues.load(tmp_path) == values
