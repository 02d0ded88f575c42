"""Snips NLU: a file for each intent, and a whole data set."""

from __future__ import annotations

import json

import pytest

from massive_kit.errors import DataError
from tests.data.intake.samples_reading import annotated, read, sample


def test_snips_by_intent() -> None:
    rows = sample("snips", "snips-intents/train_FindRecipe_full.json")
    assert [(row.line, row.locale, row.intent, annotated(row)) for row in rows] == [
        (
            3,
            None,
            "FindRecipe",
            "soup with <ingredient=red lentils> for <party_size_number=six>?",
        ),
        (24, None, "FindRecipe", "מרק <ingredient=עדשים>"),
        (35, None, "FindRecipe", "recipe [quick] <ingredient=rye> <ingredient=bread>"),
    ]
    assert json.loads(rows[1].source)["data"][1]["entity"] == "ingredient"


def test_a_snips_data_set() -> None:
    rows = sample("snips", "snips-data-set/dataset.json")
    assert [(row.line, row.locale, row.intent, annotated(row)) for row in rows] == [
        (
            18,
            "en",
            "bookFerry",
            "ferry from <departure=Bergen> to <destination=Oslo> <snips/datetime=tonight>",
        ),
        (45, "en", "bookFerry", "is there a ferry [car deck]"),
        (56, "en", "cancelFerry", "ยกเลิกเรือไป <destination=เบอร์เกน>"),
    ]


@pytest.mark.parametrize(
    ("utterance", "reason"),
    [
        ('{"data": [{"text": "a "}, {"text": " ", "entity": "b"}]}', "the slot 'b' is empty"),
        ('{"data": [{"text": 3}]}', "data holds {'text': 3}"),
        ('{"data": [{"text": "a", "entity": 3}]}', "data holds {'text': 'a', 'entity': 3}"),
        ('{"data": "a"}', 'not {"data": [...]}'),
        ('["a"]', 'not {"data": [...]}'),
    ],
)
def test_a_snips_utterance_that_cannot_be_used(utterance: str, reason: str) -> None:
    content = f'{{"X": [\n{{"data": [{{"text": "fine"}}]}},\n{utterance}]}}'
    good, bad = read("snips", content.encode())
    assert (good.line, bad.line) == (2, 3)
    assert reason in bad.mistakes[0]
    assert bad.source == utterance


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"X": [\n{"data": ]}', "file:2: not JSON"),
        (b'{"X": []}\n}', "file:2: not JSON: more after its end"),
        (b"[" * 100_000, "file: not JSON"),
        (b'{"X": ', "file:1: not JSON"),
    ],
)
def test_snips_that_is_not_json_is_told_with_its_line(content: bytes, place: str) -> None:
    with pytest.raises(DataError) as caught:
        read("snips", content)
    assert str(caught.value.problems[0]).startswith(place)


def test_one_snips_utterance_that_is_not_utf8_does_not_hide_the_others() -> None:
    content = b'{"X": [{"data": [{"text": "caf\xe9"}]}, {"data": [{"text": "tea"}]}]}'
    assert [row.text for row in read("snips", content)] == ["caf\udce9", "tea"]
