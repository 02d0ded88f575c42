"""Utterances and answers as subword ids: what a model reads, and what it should write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from massive_kit.data.inventory import Inventory
from massive_kit.engine.tokenizers import fingerprint
from massive_kit.files import jsonio
from massive_kit.systems.text_answers.answer_grammar import Encode, item_encoder
from massive_kit.systems.text_answers.model_settings import TextModel
from massive_kit.systems.text_answers.text_format import Answer, write_input, write_items
from massive_kit.systems.text_answers.verbaliser import Verbaliser


@dataclass(frozen=True)
class TextCoding:
    """How a tokenizer cuts the texts of a recipe.

    Attributes:
        tokenizer: The tokenizer.
        inventory: The labels.
        settings: Format and lengths.
        separator: Text between an utterance and its answer, where a model reads both in one; `None`
            where an input ends as the tokenizer ends it.
    """

    tokenizer: Any
    inventory: Inventory
    settings: TextModel
    separator: str | None = None

    @cached_property
    def verbaliser(self) -> Verbaliser:
        """The words for the labels."""
        return Verbaliser(self.inventory, self.settings.format)

    @cached_property
    def encode(self) -> Encode:
        """The subwords of one item of an answer."""
        return item_encoder(self.tokenizer)

    @property
    def end(self) -> int:
        """The subword that ends an answer."""
        return int(self.tokenizer.eos_token_id)

    @property
    def pad(self) -> int:
        """The subword that fills inputs up."""
        return int(self.tokenizer.pad_token_id)

    @property
    def key(self) -> str:
        """Tells apart all that cuts texts in another way."""
        form = jsonio.dumps(self.settings.format.model_dump())
        separator = jsonio.dumps(self.separator)
        return f"{fingerprint(self.tokenizer)} {form} {self.settings.max_input} {separator}"

    def inputs(self, tokens: Sequence[Sequence[str]]) -> list[list[int]]:
        """The subwords of each utterance's input; long utterances are cut."""
        if not tokens:
            return []
        texts = [write_input(row, self.settings.format) for row in tokens]
        rows: list[list[int]] = self.tokenizer(
            texts, truncation=True, max_length=self.settings.max_input
        ).input_ids
        if self.separator is None:
            return rows
        # Some tokenizers end every text; an answer could not follow.
        between = self.encode(self.separator)
        return [[*(row[:-1] if row[-1:] == [self.end] else row), *between] for row in rows]

    def target(self, tokens: Sequence[str], answer: Answer) -> list[int]:
        """The subwords of an answer, the closing one included."""
        # Item by item, so that training writes exactly what constrained decoding allows.
        target: list[int] = []
        for i, item in enumerate(write_items(tokens, answer, self.verbaliser)):
            target += self.encode(f" {item}" if i else item)
        return [*target, self.end]
