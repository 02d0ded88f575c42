"""SLURP: slots stand twice and must agree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.data.intake.samples_reading import annotated, only, read, sample


def test_slurp() -> None:
    rows = sample("slurp", "slurp/devel.jsonl")
    assert [(row.line, row.id, row.scenario, row.intent, annotated(row)) for row in rows] == [
        (
            1,
            "501",
            "weather",
            "weather_query",
            "what's the forecast for <date=tomorrow> <timeofday=night>",
        ),
        (
            2,
            "502",
            "play",
            "play_podcasts",
            "start <podcast_name=the cooking stories> from <podcast_descriptor=episode nine>",
        ),
        (3, "503", "alarm", "alarm_set", "أيقظني في <time=الخامسة>"),
        (4, "504", "general", "general_greet", "thanks a lot"),
    ]
    # What SLURP's own `intent` lacks in some rows, MASSIVE has.
    assert [row.notes for row in rows] == [
        [],
        ["an intent without its scenario, read as scenario_action"],
        [],
        [],
    ]
    assert {row.locale for row in rows} == {row.partition for row in rows} == {None}


def slurp_row(**changes: Any) -> str:
    words = ("wake", "me", "at", "ten", "sharp")
    row = {
        "slurp_id": 1,
        "sentence": "wake me at ten sharp",
        "sentence_annotation": "wake me at [time : ten sharp]",
        "intent": "alarm_set",
        "action": "set",
        "scenario": "alarm",
        "tokens": [{"surface": word, "id": number} for number, word in enumerate(words)],
        "entities": [{"span": [3, 4], "type": "time"}],
    }
    row |= changes
    return json.dumps({key: value for key, value in row.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"entities": [{"span": [3], "type": "time"}]},
            "sentence_annotation has [time : ten sharp], entities have [time : ten]",
        ),
        ({"entities": []}, "sentence_annotation has [time : ten sharp], entities have no slot"),
        ({"entities": [{"span": [3, 5], "type": "time"}]}, "spans [3, 5], and there are 5 tokens"),
        ({"entities": [{"span": [0, 2], "type": "time"}]}, "[0, 2], which do not stand together"),
        ({"entities": [{"span": "3", "type": "time"}]}, "entities holds {'span': '3'"),
        ({"entities": 3}, "entities is 3, not a list"),
        ({"tokens": None}, "entities without tokens"),
        ({"tokens": [{"surface": "wake"}]}, "the tokens are not those of the sentence"),
        ({"tokens": [3]}, 'tokens are not a list of {"surface": "..."}'),
        ({"sentence_annotation": "wake [time : ten]"}, "without its slots is not the sentence"),
        ({"sentence_annotation": "wake [time : ten"}, "a '[' without its ']'"),
        ({"sentence_annotation": 3}, "sentence_annotation is 3, not text"),
        ({"sentence": ["wake"]}, "sentence is ['wake'], not text"),
        ({"intent": "alarm_query"}, "the intent is 'alarm_query', but scenario and action make"),
    ],
)
def test_a_slurp_row_that_contradicts_itself_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    good = only("slurp", slurp_row())
    assert annotated(good) == "wake me at <time=ten sharp>"
    (_, row) = read("slurp", f"{slurp_row()}\n{slurp_row(**changes)}".encode())
    assert row.line == 2
    assert reason in "; ".join(row.mistakes)
    assert row.source == slurp_row(**changes)


@pytest.mark.parametrize("missing", ["entities", "sentence_annotation"])
def test_slurp_slots_may_stand_once(missing: str) -> None:
    assert annotated(only("slurp", slurp_row(**{missing: None}))) == "wake me at <time=ten sharp>"


def test_slurp_text_without_slots_is_not_annotated() -> None:
    row = only("slurp", slurp_row(entities=None, sentence_annotation=None, intent=None))
    assert row.spans is None
    assert row.intent == "alarm_set"
    assert only("slurp", slurp_row(intent=None, scenario=None)).intent is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{", "not JSON"), ("[1]", "a list, not a row"), ("[" * 100_000, "not JSON")],
)
def test_a_line_that_is_no_slurp_row(line: str, reason: str) -> None:
    row = only("slurp", line)
    assert reason in row.mistakes[0]
    assert row.source == line
