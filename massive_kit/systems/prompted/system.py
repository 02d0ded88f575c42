"""A language model that is asked in context, as a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.errors import MassiveKitError
from massive_kit.languages import character_locales
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.prompted.frozen_prompt import FILE, FrozenPrompt
from massive_kit.systems.prompted.prompt_writer import PromptWriter
from massive_kit.systems.prompted.recipe import PromptedRecipe


@dataclass(frozen=True, slots=True)
class PromptedLanguageModel:
    """A language model that is asked in context.

    Attributes:
        writer: What fills prompts in.
        character_locales: Locales whose tokens are characters.
    """

    writer: PromptWriter
    character_locales: frozenset[str]

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""
        return self.writer.inventory

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order."""
        del utterances
        raise MassiveKitError("this version asks no model yet; it shows prompts")

    def prompt(self, utterance: Utterance) -> str:
        """What the model is asked about an utterance, as people read it."""
        writer = self.writer
        prompt = writer.write(utterance, writer.first_step)
        if writer.recipe.model.backend == "transformers":
            return prompt.text
        return "\n\n".join(
            f"[{message['role']}]\n{message['content']}" for message in prompt.messages
        )


def load(folder: Path, recipe: PromptedRecipe) -> PromptedLanguageModel:
    """The system whose labels are in a model folder, and whose prompts are beside it."""
    frozen = FrozenPrompt.load(folder.parent / FILE)
    writer = PromptWriter(recipe, frozen, read_inventory(folder))
    return PromptedLanguageModel(writer, character_locales())
