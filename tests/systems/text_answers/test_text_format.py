"""What is written reads back in every format; constrained decoding allows nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.inventory import Inventory
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.systems.text_answers.answer_grammar import Grammar, item_encoder
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.text_answers.text_format import Answer, read_items, read_text, write_items

INVENTORY = Inventory.massive()
TOKENIZER = train_tokenizer(["wake me up at five", "alarm_set date time Other"] * 3, 400)

forms = st.builds(
    TextFormat,
    intent_first=st.booleans(),
    words=st.booleans(),
    inside=st.sampled_from(["slot_name", "inside_slot_name", "inside"]),
)
answers = st.builds(
    Answer,
    intent=st.sampled_from(INVENTORY.intents),
    labels=st.lists(st.sampled_from(["Other", "date", "time", "person"]), min_size=1, max_size=8),
)


@given(forms, answers)
def test_what_is_written_reads_back(form: TextFormat, answer: Answer) -> None:
    tokens = ["word"] * len(answer.labels)
    items = write_items(tokens, answer, form)
    assert read_items(items, len(tokens), INVENTORY, form) == answer
    assert read_text(" ".join(items), len(tokens), INVENTORY, form) == answer


@given(forms, st.text(max_size=40))
def test_no_text_makes_reading_fail(form: TextFormat, text: str) -> None:
    answer = read_text(text, 3, INVENTORY, form)
    assert answer is None or len(answer.labels) == 3


@pytest.mark.parametrize(
    "text", ["", "Other Other", "Other Other Other Other", "Other x alarm_set"]
)
def test_a_broken_answer_is_none(text: str) -> None:
    assert read_text(text, 2, INVENTORY, TextFormat()) is None


@given(forms, answers, st.integers(0, 2**32))
def test_constrained_decoding_allows_every_answer_and_nothing_else(
    form: TextFormat, answer: Answer, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test
    tokens = [rng.choice(["wake", "me", "zzz", "明"]) for _ in answer.labels]
    encode = item_encoder(TOKENIZER)
    end = TOKENIZER.eos_token_id
    grammar = Grammar(INVENTORY, form, encode, end)
    rule = grammar.answers(tokens)
    subwords: list[int] = []
    for i, item in enumerate(write_items(tokens, answer, form)):
        subwords += encode(f" {item}" if i else item)
    for i, subword in enumerate(subwords):
        assert subword in rule.allowed(tuple(subwords[:i]))
    assert end in rule.allowed(tuple(subwords))
    read = rule.read(tuple(subwords))
    assert read is not None
    assert read_items(read, len(tokens), INVENTORY, form) == answer
    assert len(subwords) < grammar.length(tokens)

    written: list[int] = []
    for _ in range(grammar.length(tokens)):
        choice = rng.choice(rule.allowed(tuple(written)))
        if choice == end:
            break
        written.append(choice)
    items = rule.read(tuple(written))
    assert items is not None
    assert read_items(items, len(tokens), INVENTORY, form) is not None
