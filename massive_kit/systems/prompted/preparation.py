"""Prepares a run of a prompted language model: everything is frozen, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.data.inventory import Inventory, write_inventory
from massive_kit.data.task_data import TaskData
from massive_kit.engine.model_source import ModelSource
from massive_kit.errors import MissingDataError
from massive_kit.files.atomic import atomic_folder
from massive_kit.systems.interface import Utterance
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.prompted.asking import Step
from massive_kit.systems.prompted.choosing import Choice
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.drawing import (
    draw,
    read_demonstrations,
    source_locale,
    used_locales,
)
from massive_kit.systems.prompted.frozen_prompt import FILE, FrozenPrompt
from massive_kit.systems.prompted.prompt_writer import PromptWriter
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.prompted.resolved_bases import keep_bases
from massive_kit.systems.prompted.searching import load_encoder
from massive_kit.systems.prompted.template import PromptTemplate
from massive_kit.systems.prompted.wording import descriptions, instructions

if TYPE_CHECKING:
    from massive_kit.systems.retrieval.vector_index import VectorIndex

_HUB_PARTS = 2

# Fills the prompt in once, so that a template that cannot be is told before anything is paid.
_TRIAL = Utterance("", "", "wake me up", ["wake", "me", "up"])


def prepare(recipe: PromptedRecipe, task_data: TaskData, session: None) -> Preparation:
    """Draws and freezes all that prompts are made of.

    Raises:
        ConfigError: The recipe does not fit the task, or its template cannot be filled in.
        MissingDataError: There is no such template, or no such folder of a model.
    """
    del session
    _check_bases(recipe)
    settings, split = recipe.demonstrations, task_data.train
    source, locales = source_locale(task_data), used_locales(settings, task_data)
    drawn: list[Demonstration] = []
    slots_of_intent: dict[str, set[str]] = {}
    for locale in locales:
        # Which slots stand with an intent is read of all rows, whatever may stand in prompts.
        rows = read_demonstrations(split.only(locale), None if locale == source else settings.pool)
        for row in rows:
            names = slots_of_intent.setdefault(row.intent or "", set())
            names.update(span.slot for span in row.spans)
        if settings.count and (settings.languages != "own" or locale in task_data.test.locales):
            if locale == source and settings.pool is not None:
                rows = read_demonstrations(split.only(locale), settings.pool)
            drawn += draw(rows, settings)
    table, inventory = task_data.languages, task_data.store.inventory
    asked = task_data.test.locales
    frozen = FrozenPrompt(
        template=PromptTemplate.load(recipe.prompt.template).source,
        instructions=instructions(asked, own=recipe.prompt.language == "own"),
        languages={name: table[name].name for name in (*asked, *locales) if name in table},
        descriptions=descriptions(inventory) if recipe.prompt.labels == "described" else {},
        slots_of_intent={
            intent: _ordered(names, inventory.slots) for intent, names in slots_of_intent.items()
        },
        source_locale=source,
        demonstrations=tuple(drawn),
    )
    writer = PromptWriter(recipe, frozen, inventory)
    steps: dict[Step, str | None] = {writer.first_step: None}
    if writer.first_step == "intent" and inventory.slots:
        steps["slots"] = inventory.intents[0]
    for step, intent in steps.items():
        writer.write(_TRIAL, Choice(drawn[:1], drawn[:1], ()), step, intent)
    return Preparation(None, _Saving(recipe, frozen, inventory, _vectors(recipe, drawn)))


def _check_bases(recipe: PromptedRecipe) -> None:
    """Makes sure that folders are there whose models are read later; a hub is not asked."""
    for base in recipe.bases():
        folder = Path(ModelSource.of(base.name).name)
        is_path = folder.is_absolute() or base.name[:1] in {".", "~"}
        if (is_path or len(folder.parts) > _HUB_PARTS) and not folder.exists():
            raise MissingDataError(
                f"{base.key}: no folder {folder}; name a folder with weights, a run, or a model on"
                " the hub (OWNER/NAME)"
            )


def _vectors(recipe: PromptedRecipe, rows: Sequence[Demonstration]) -> VectorIndex | None:
    """The vectors of the demonstrations, where they are searched for by vectors."""
    settings = recipe.demonstrations
    if settings.vectors is None or not settings.count:
        return None
    from massive_kit.systems.retrieval.vector_index import VectorIndex

    encoder = load_encoder(settings.vectors, recipe.model.precision)
    return VectorIndex(encoder.vectors([row.text for row in rows]))


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves what is frozen."""

    recipe: PromptedRecipe
    frozen: FrozenPrompt
    inventory: Inventory
    vectors: VectorIndex | None

    def __call__(self, model: None, folder: Path) -> Facts:
        del model
        self.frozen.save(folder.parent / FILE)
        with atomic_folder(folder) as new_folder:
            write_inventory(new_folder, self.inventory)
            keep_bases(self.recipe, new_folder)
            if self.vectors is not None:
                self.vectors.save(new_folder)
        return {
            "train_rows": len(self.frozen.demonstrations),
            "in_context": in_context_facts(self.recipe, self.frozen),
        }


def in_context_facts(recipe: PromptedRecipe, frozen: FrozenPrompt) -> Facts:
    """What a run says of the model it asks and of how it asks."""
    model, decoding = recipe.model, recipe.decoding.model_dump(mode="json")
    keys = _DECODING_KEYS[model.backend]
    return {
        "model": model.base,
        "revision": model.revision,
        "backend": model.backend,
        "prompt": frozen.hash,
        "format": recipe.prompt.format,
        "demonstrations": recipe.demonstrations.count,
        "chosen": recipe.demonstrations.choose,
        "languages": recipe.demonstrations.languages,
        "decoding": {key: decoding[key] for key in keys if decoding[key] is not None},
    }


# What changes answers, by backend.
_DECODING_KEYS: Mapping[str, Iterable[str]] = {
    "openai": ("max_tokens", "temperature", "seed", "structured", "parameters"),
    "transformers": ("prior", "candidates"),
}


def _ordered(names: set[str], order: Iterable[str]) -> list[str]:
    return [name for name in order if name in names]
