"""What is written reads back in every format; constrained decoding allows nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import name_problem
from massive_kit.data.span_schemes import SPAN_SCHEMES, SpanScheme, scheme_labels
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.systems.text_answers.answer_grammar import Grammar, item_encoder, written_alike
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.text_answers.text_format import Answer, read_items, read_text, write_items
from massive_kit.systems.text_answers.verbaliser import Verbaliser

MASSIVE = Inventory.massive()
# Names that look like each other's words once spaces are gone, or like what formats write.
NAMES = (
    *("I", "I-date", "I-I", "O", "SL:DATE_TIME", "date", "date time", "date_time", "time.start"),
    *("date  time", "date\u2581time", "date_time_", "B-date", "I-O", "in/out"),
)
TOKENIZER = train_tokenizer(
    ["wake me up at five", "alarm_set date time Other", *NAMES, *MASSIVE.slots] * 3, 900
)

usual_forms = st.builds(
    TextFormat,
    intent_first=st.booleans(),
    words=st.booleans(),
    inside=st.sampled_from(["slot_name", "inside_slot_name", "inside"]),
)
forms = usual_forms | st.builds(
    lambda form, outside: form.model_copy(update={"outside": outside}),
    usual_forms,
    st.sampled_from(["O", "I-date"]),
)
names = st.sampled_from(NAMES) | st.text(
    st.sampled_from("IOB-_d :/.\u2581"), min_size=1, max_size=5
).filter(lambda name: name_problem(name) is None)


@st.composite
def verbalisers(draw: st.DrawFn, slots: st.SearchStrategy[str] = names) -> Verbaliser:
    scheme: SpanScheme = draw(st.sampled_from(SPAN_SCHEMES))
    chosen = draw(st.lists(slots, max_size=6, unique=True))
    intents = draw(st.lists(slots, min_size=1, max_size=4, unique=True))
    return Verbaliser(Inventory(tuple(intents), tuple(chosen), {}, scheme), draw(forms))


def draw_answer(data: st.DataObject, verbaliser: Verbaliser) -> Answer:
    """One that the format can say."""
    inventory = verbaliser.inventory
    labels = st.lists(st.sampled_from(["Other", *inventory.slots]), min_size=1, max_size=8)
    slots = data.draw(labels)
    begins = data.draw(st.sets(st.integers(0, 7)))
    if verbaliser.form.inside == "slot_name":
        begins = set()
    intent = data.draw(st.sampled_from(inventory.intents))
    return Answer(intent, scheme_labels(slots, begins, inventory.scheme))


@given(verbalisers(), st.data())
def test_what_is_written_reads_back(verbaliser: Verbaliser, data: st.DataObject) -> None:
    answer = draw_answer(data, verbaliser)
    tokens = ["word"] * len(answer.labels)
    items = write_items(tokens, answer, verbaliser)
    assert read_items(items, len(tokens), verbaliser) == answer
    assert read_text(" ".join(items), len(tokens), verbaliser) == answer


def test_one_word_does_not_mean_two_things() -> None:
    with pytest.raises(ValueError, match="goes on a slot"):
        TextFormat(inside="inside", outside="I")


@given(usual_forms)
def test_the_names_of_massive_are_written_as_they_are(form: TextFormat) -> None:
    verbaliser = Verbaliser(MASSIVE, form)
    assert [*verbaliser.intent_words] == [*verbaliser.intents] == [*MASSIVE.intents]
    assert [*verbaliser.slot_words.values()][1:] == [*MASSIVE.slots]


def test_only_marks_say_that_a_span_begins() -> None:
    inventory = Inventory(("a",), ("date time",), {}, "brackets")
    answer = Answer("a", ["B-date time", "B-date time", "I-date time", "Other"])
    written = {
        inside: write_items([""] * 4, answer, Verbaliser(inventory, TextFormat(inside=inside)))
        for inside in ("slot_name", "inside_slot_name", "inside")
    }
    assert written == {
        "slot_name": ["date_time", "date_time", "date_time", "Other", "a"],
        "inside_slot_name": ["date_time", "date_time", "I-date_time", "Other", "a"],
        "inside": ["date_time", "date_time", "I", "Other", "a"],
    }
    verbaliser = Verbaliser(inventory, TextFormat())
    read = read_items(written["slot_name"], 4, verbaliser)
    assert read == Answer("a", ["B-date time", "I-date time", "I-date time", "Other"])


@given(verbalisers(), st.text(max_size=40))
def test_no_text_makes_reading_fail(verbaliser: Verbaliser, text: str) -> None:
    answer = read_text(text, 3, verbaliser)
    assert answer is None or len(answer.labels) == 3


@pytest.mark.parametrize(
    "text",
    ["", "Other Other", "Other Other Other Other", "Other x alarm_set", "Other I-date alarm_set"],
)
def test_a_broken_answer_is_none(text: str) -> None:
    verbaliser = Verbaliser(MASSIVE, TextFormat(inside="inside_slot_name"))
    assert read_text(text, 2, verbaliser) is None


def test_names_that_a_tokenizer_cannot_tell_apart_are_found() -> None:
    inventory = Inventory(("IN:STOP", "IN:PLAY", "five"), ("NOW", "NOT", "at"), {}, "brackets")
    verbaliser = Verbaliser(inventory, TextFormat(inside="inside"))
    # It has seen no upper case.
    unknowing = train_tokenizer(["wake me at five"] * 3, 300)
    assert written_alike(verbaliser, item_encoder(unknowing)) == [
        ("IN:STOP", "IN:PLAY"),
        ("NOW", "NOT"),
    ]
    knowing = train_tokenizer(["wake me at five", *verbaliser.intents, *verbaliser.meanings], 300)
    assert written_alike(verbaliser, item_encoder(knowing)) == []


# Each example makes a grammar of its own, whose size is that of the inventory squared.
@settings(max_examples=40)
@given(
    verbalisers(st.sampled_from((*NAMES, *MASSIVE.slots))),
    st.data(),
    st.integers(0, 2**32),
)
def test_constrained_decoding_allows_every_answer_and_nothing_else(
    verbaliser: Verbaliser, data: st.DataObject, seed: int
) -> None:
    answer = draw_answer(data, verbaliser)
    rng = random.Random(seed)  # noqa: S311 - a test
    tokens = [rng.choice(["wake", "me", "zzz", "明"]) for _ in answer.labels]
    encode = item_encoder(TOKENIZER)
    assert written_alike(verbaliser, encode) == []
    end = TOKENIZER.eos_token_id
    grammar = Grammar(verbaliser, encode, end)
    rule = grammar.answers(tokens)
    subwords: list[int] = []
    for i, item in enumerate(write_items(tokens, answer, verbaliser)):
        subwords += encode(f" {item}" if i else item)
    for i, subword in enumerate(subwords):
        assert subword in rule.allowed(tuple(subwords[:i]))
    assert end in rule.allowed(tuple(subwords))
    read = rule.read(tuple(subwords))
    assert read is not None
    assert read_items(read, len(tokens), verbaliser) == answer
    assert len(subwords) < grammar.length(tokens)

    written: list[int] = []
    for _ in range(grammar.length(tokens)):
        choice = rng.choice(rule.allowed(tuple(written)))
        if choice == end:
            break
        written.append(choice)
    items = rule.read(tuple(written))
    assert items is not None
    assert read_items(items, len(tokens), verbaliser) is not None
