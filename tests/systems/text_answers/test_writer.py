"""What a model wrote is read by its subwords, and else as text."""

from __future__ import annotations

from typing import Any, cast

from massive_kit.data.inventory import Inventory
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.systems.text_answers.answer_grammar import Grammar
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.text_answers.model_settings import TextModel
from massive_kit.systems.text_answers.text_format import Answer
from massive_kit.systems.text_answers.writer import Writer

INVENTORY = Inventory(("IN:GO",), ("SL:TIME", "play"), {}, "brackets")


def test_names_with_unknown_letters_are_read_without_a_grammar_in_decoding() -> None:
    # It has seen no upper case, so that no text holds the names.
    tokenizer = train_tokenizer(["play at five now"] * 3, 300)
    settings = TextModel.model_validate(
        {
            "config": {"model_type": "mt5"},
            "tokenizer": {"vocabulary": 300},
            "constrained": False,
            "format": TextFormat(inside="inside", outside="now").model_dump(),
        }
    )
    coding = TextCoding(tokenizer, INVENTORY, settings)
    tokens = ["play", "at", "five"]
    answer = Answer("IN:GO", ["Other", "B-SL:TIME", "B-SL:TIME"])
    written = coding.target(tokens, answer)
    assert "SL" not in tokenizer.decode(written)
    writer = Writer(cast("Any", None), coding)
    grammar = Grammar(coding.verbaliser, coding.encode, coding.end)
    assert writer._read(written, grammar.answers(tokens), 3) == answer
    # Cut short, it is no answer.
    assert writer._read(written[:-2], grammar.answers(tokens), 3) is None


def test_a_text_without_any_subword_is_followed_by_the_separator() -> None:
    # It drops what it has not seen.
    tokenizer = train_tokenizer(["play at five now"] * 3, 300)
    settings = TextModel.model_validate(
        {"config": {"model_type": "gpt2"}, "tokenizer": {"vocabulary": 300}}
    )

    class Dropping:
        eos_token_id = tokenizer.eos_token_id

        def __call__(self, texts: Any, **settings: Any) -> Any:
            encoded = tokenizer(texts, **settings)
            if isinstance(texts, list):
                encoded["input_ids"] = [[] for _ in texts]
            return encoded

    coding = TextCoding(Dropping(), INVENTORY, settings, "\n")
    assert coding.inputs([["\u200b"]]) == [list(coding.encode("\n"))]
