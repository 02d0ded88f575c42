"""Whatever a model chooses, what it writes reads back as what it chose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.tokens import annotate
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_reading import read_answer
from massive_kit.systems.prompted.asking import Form, Prompt, Step
from massive_kit.systems.prompted.local.pieces import write
from massive_kit.systems.prompted.local.shapes import (
    State,
    between,
    closing,
    label_piece,
    opening,
    slot_shape,
)

INTENTS = ("alarm_set", "alarm", 'odd "name"')
SLOTS = ("time", "date", "IN:x y", "tim")
# Words that look like notation, are alike, or are the beginning of others.
WORDS = ["five", "fivefold", "am", "[", "]", "a:b", '"', "\\", "時", "[time", ": ", "é", "{}"]


def prompt_of(words: list[str], gaps: list[str], step: Step, form: Form) -> Prompt:
    text = "".join(gap + word for gap, word in zip(["", *gaps], words, strict=False))
    return Prompt(Utterance("1", "xx", text, words), step, form, "", (), "", INTENTS, SLOTS)


@settings(max_examples=150)
@given(data=st.data())
def test_any_choice_reads_back(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS).map(str.strip), min_size=1, max_size=6))
    gaps = data.draw(st.lists(st.sampled_from([" ", "", "  "]), min_size=5, max_size=5))
    step: Step = data.draw(st.sampled_from(["slots", "both"]))
    form: Form = data.draw(st.sampled_from(["text", "json"]))
    scheme: SpanScheme = data.draw(st.sampled_from(["runs", "brackets"]))
    prompt = prompt_of(words, gaps, step, form)
    # Letters stand for subwords.
    writing = write(slot_shape(prompt, scheme), lambda piece: tuple(map(ord, piece)))
    try:
        decision = next(writing)
        while True:
            assert len({*decision.tokens}) == len(decision.tokens) > 1
            decision = writing.send(data.draw(st.sampled_from(decision.tokens)))
    except StopIteration as end:
        written = end.value.text
    intent = data.draw(st.sampled_from(INTENTS))
    text = opening(prompt) + written
    if step == "both":
        text = opening(prompt) + label_piece(prompt, intent) + between(prompt) + written
    reading = read_answer((text + closing(prompt)).strip(), prompt, scheme)
    assert reading.unread == ()
    assert reading.intent == (intent if step == "both" else None)
    chosen = written.count("[time :") if form == "text" else written.count('"slot"')
    if not chosen:
        assert "time" not in reading.labels
    shown = annotate(words, reading.labels, scheme)
    if form == "text":
        # The very annotation, but for white space.
        assert "".join(shown.split()) == "".join(written.split())


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        ("text", [" a", " [time : a", " [date : a", "]"]),
        ("json", ["]}", '{"slot": "time", "value":', ' "a', '"}', ', {"slot": "time", "value":']),
    ],
)
def test_the_pieces_of_a_shape(form: Form, pieces: list[str]) -> None:
    shape = slot_shape(prompt_of(["a", "b"], [" "], "slots", form), "runs")
    offered: dict[str, State] = {}
    states = [State()]
    for state in states:
        options = shape.options(state)
        offered |= options
        states += list(islice(options.values(), 4)) if len(states) < 60 else []
    assert {*pieces} <= offered.keys()


@settings(max_examples=40)
@given(data=st.data())
def test_every_list_of_slots_in_order_can_be_written_and_nothing_else(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
    gaps = data.draw(st.lists(st.sampled_from([" ", ""]), min_size=3, max_size=3))
    shape = slot_shape(prompt_of(words, gaps, "slots", "json"), "runs")
    apart = [*gaps, ""]

    def lists(at: int) -> Iterator[list[dict[str, str]]]:
        yield []
        for first in range(at, len(words)):
            # Of words that are alike only the first can be meant.
            if words[first] in words[at:first]:
                continue
            value = ""
            for last in range(first, len(words)):
                value += (apart[last - 1] if last > first else "") + words[last]
                for rest in lists(last + 1):
                    yield from ([{"slot": slot, "value": value}, *rest] for slot in SLOTS[:2])

    def texts(state: State) -> Iterator[str]:
        options = shape.options(state)
        if not options:
            yield ""
        for piece, after in options.items():
            yield from (piece + rest for rest in texts(after) if after.named in {None, *SLOTS[:2]})

    expected = {json.dumps(slots, ensure_ascii=False)[1:] + "}" for slots in lists(0)}
    assert {*texts(State())} == expected


def test_options_grow_with_slots_and_with_tokens_but_not_with_both_multiplied() -> None:
    words = [f"w{number}" for number in range(40)]
    shape = slot_shape(prompt_of(words, [" "] * 39, "slots", "json"), "runs")
    names = shape.options(State())
    assert len(names) == len(SLOTS) + 1
    assert {len(shape.options(state)) for state in names.values() if state.named} == {len(words)}


def test_no_slot_follows_itself_where_that_would_be_one() -> None:
    prompt = prompt_of(["a", "b"], [" "], "slots", "text")
    closed = State(1, None, "time")
    assert " [time : b" not in slot_shape(prompt, "runs").options(closed)
    assert " [time : b" in slot_shape(prompt, "brackets").options(closed)


def test_words_that_no_space_parts_stay_together() -> None:
    prompt = prompt_of(["明", "天", "九"], ["", ""], "both", "text")
    shape = slot_shape(prompt, "runs")
    assert next(iter(shape.options(State()))) == "明"
    assert next(iter(shape.options(State(1)))) == "天"
    assert [*shape.options(State(1))][1] == " [time : 天"
    # Brackets stand apart, as in the data.
    assert next(iter(shape.options(State(1, None, "time")))) == " 天"
