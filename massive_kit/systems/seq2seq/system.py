"""The text-to-text family as a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.tokens import OTHER
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.languages import character_locales
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.seq2seq.generation import Writer
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe


@dataclass(frozen=True, slots=True)
class Seq2SeqSystem:
    """A text-to-text model that writes labels out.

    Attributes:
        writer: The model with its tokenizer and format.
        character_locales: Locales whose tokens are characters.
    """

    writer: Writer
    character_locales: frozenset[str]

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""
        return self.writer.inventory

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order.

        An answer that cannot be read counts as failed: the first intent of the inventory, no slots.
        """
        answers = self.writer.answers([utterance.tokens for utterance in utterances])
        for utterance, answer in zip(utterances, answers, strict=True):
            if answer is None:
                nothing = [OTHER] * len(utterance.tokens)
                yield Prediction(utterance, self.inventory.intents[0], nothing, failed=True)
            else:
                yield Prediction(utterance, answer.intent, answer.labels)


def load(folder: Path, recipe: Seq2SeqRecipe) -> Seq2SeqSystem:
    """The system in a model folder, as its recipe says."""
    quiet()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, use_safetensors=True)
    writer = Writer(
        model.to(device).eval(),
        load_tokenizer(folder),
        read_inventory(folder),
        recipe.model,
        choose_precision(recipe.training.precision),
    )
    return Seq2SeqSystem(writer, character_locales())
