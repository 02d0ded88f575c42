"""Answers are read in whatever form they come, and what cannot be read is told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.tokens import annotate, split
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_reading import Reading, known_label, read_answer
from massive_kit.systems.prompted.asking import Prompt, Step

INTENTS = ("alarm_set", "alarm_query", "iot_hue_lighton", "iot_hue_lightoff", "play_music")
SLOTS = ("time", "date", "person", "song_name")
ENGLISH = "wake me up at Nine AM on friday"


def read(
    answer: str,
    text: str = ENGLISH,
    step: Step = "both",
    scheme: SpanScheme = "runs",
) -> tuple[Reading, str]:
    characters = not text.isascii() and " " not in text
    utterance = Utterance("1", "xx", text, split(text, characters=characters))
    prompt = Prompt(utterance, step, "json", "", (), "", INTENTS, SLOTS)
    reading = read_answer(answer, prompt, scheme)
    return reading, annotate(utterance.tokens, reading.labels, scheme)


RIGHT = "wake me up at [time : Nine AM] on [date : friday]"


SLOTS_IN_JSON = '[{"slot": "time", "value": "nine am"}, {"slot": "date", "value": "friday"}]'


@pytest.mark.parametrize(
    "answer",
    [
        f'{{"intent": "alarm_set", "slots": {SLOTS_IN_JSON}}}',
        # Talk, fences, thoughts, another order, other keys, case and marks.
        'Yes: ```json\n{"slots": {"date": "Friday.", "time": ["nine am"]}, "INTENT": "alarm set"}',
        '<think>no</think>{"intent": "ALARM-SET", "slots": ["[date : friday] [time : nine a.m.]"]}',
        '{"intent": "alarm_set", "entities": [["date", "friday"], ["time", "nine a.m."]]}',
        "alarm_set\nwake me up at [time : nine am] on [date : friday]",
        "Intent: alarm set\nwake me up at [Time: nine am] on [date:friday]",
        "alarm_set [time : nine am] [date : friday]",
        "**alarm_set**\n\nwake up [time : nine am] at [date : friday] [",
        # Cut off, and Python's.
        f'{{"intent": "alarm_set", "slots": {SLOTS_IN_JSON[:-1]}, {{"slot": "per',
        f'{{"intent": "alarm_set", "slots": {SLOTS_IN_JSON}}}'.replace('"', "'"),
    ],
    ids=range(10),
)
def test_one_answer_in_many_forms(answer: str) -> None:
    reading, annotated = read(answer)
    assert reading.intent == "alarm_set"
    assert annotated == RIGHT


@pytest.mark.parametrize(
    ("value", "text", "annotated"),
    [
        ("下午３點", "下午3点播放", "[time : 下 午 3 点] 播 放"),
        ("٣ مساء", "شغل في 3 مساءً", "شغل في [time : 3 مساءً]"),
        ("فردا", "فردا بيدارم کن", "[time : فردا] بيدارم کن"),
        ("بیدارم کن", "فردا بيدارم كن", "فردا [time : بيدارم كن]"),
        ("ｔｏｄａｙ", "today please", "[time : today] please"),
        ("cafe", "das Café, bitte", "das [time : Café,] bitte"),
        ("fünf", "weck mich um fuenf Uhr", "weck mich um [time : fuenf] Uhr"),
        ("पाँच बजे", "मुझे पांच बजे जगाओ", "मुझे [time : पांच बजे] जगाओ"),
        ("o'clock", "five o’clock", "five [time : o’clock]"),
        # A part of a word is the word.
        ("ten", "tenth of may", "[time : tenth] of may"),
        # A whole word wins over a part of one.
        ("am", "name it at ten am", "name it at ten [time : am]"),
        ("five", "at five or five", "at [time : five] or five"),
    ],
)
def test_words_are_found_in_other_spellings(value: str, text: str, annotated: str) -> None:
    answer = f'{{"intent": "alarm_set", "slots": [{{"slot": "time", "value": "{value}"}}]}}'
    reading, shown = read(answer, text)
    assert shown == annotated
    assert reading.unread == ()


def test_the_same_words_twice_are_two_places() -> None:
    answer = "at [time : five] or [time : five]"
    reading, shown = read(answer, "at five or five", "slots")
    assert shown == "at [time : five] or [time : five]"
    assert reading.intent is None
    _, shown = read("[date : one] [time : one] [date : two]", "one two one", "slots")
    assert shown == "[date : one two] [time : one]"
    _, touching = read("[date : one] [date : two]", "one two", "slots", "brackets")
    assert touching == "[date : one] [date : two]"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("alarm_set\nwake me up at [hour : nine am]", "no slot 'hour'"),
        (
            "alarm_set\nwake me up at [time : at midnight]",
            "no words 'at midnight' of the slot time",
        ),
        ("I cannot help with that", "no intent in 'I cannot help with that'"),
        ("alarm_set or alarm_query", "no intent in 'alarm_set or alarm_query'"),
        ('{"intent": "iot_hue_light", "slots": []}', "no intent in"),
        ('{"intent": "alarm_set", "slots": 5}', "slots are no list"),
        ('{"intent": "alarm_set"}', "no slots in the answer"),
        ('{"intent": "alarm_set", "slots": [5]}', "no slot '5'"),
    ],
)
def test_what_cannot_be_read_is_told(answer: str, told: str) -> None:
    reading, _ = read(answer)
    assert any(told in line for line in reading.unread), reading.unread


def test_an_utterance_without_slots_is_said_by_repeating_it() -> None:
    assert read("alarm_set\nwake me up at nine am on friday")[0].unread == ()
    assert read("wake me up at nine am friday", step="slots")[0].unread == ()
    assert read("no slots", step="slots")[0].unread == ("no slots in the answer",)
    assert read('{"slots": []}', step="slots")[0].unread == ()


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("play music", "play_music"),
        ("iot_hue_lightonn", "iot_hue_lighton"),
        ("iot_hue_lightof", None),
        ("iot_hue_lighto", None),
        ("", None),
        ("_", None),
    ],
)
def test_labels_that_are_nearly_right(written: str, label: str | None) -> None:
    assert known_label(written, INTENTS) == label


def test_labels_that_differ_in_case_alone_are_kept_apart() -> None:
    assert known_label("IN:A", ("IN:a", "IN:A")) == "IN:A"
    assert known_label("in a", ("IN:a", "IN:A")) is None


@settings(max_examples=60)
@given(
    answer=st.text(max_size=300) | st.text('{}[]":, \nintesloval\\', max_size=300),
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)
def test_anything_is_read_as_something(answer: str, text: str) -> None:
    utterance = Utterance("1", "xx", text, text.split())
    prompt = Prompt(utterance, "both", "json", "", (), "", INTENTS, SLOTS)
    reading = read_answer(answer, prompt, "brackets")
    assert len(reading.labels) == len(utterance.tokens)
    assert reading.intent is None or reading.intent in INTENTS
