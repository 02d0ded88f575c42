"""The prompted language model as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.prompted.recipe import PromptedRecipe

_LOADING = """\
from massive_kit.runs.loading import load_system
system = load_system("..")
print(system.inventory.intents)"""

KIND = Kind(
    name="prompted",
    recipe=PromptedRecipe,
    architecture="decoder",
    card=ModelCard("massive-kit", _LOADING, weights=False),
    prepare_path="massive_kit.systems.prompted.preparation:prepare",
    load_path="massive_kit.systems.prompted.system:load",
    prediction_keys=frozenset(
        {
            "model.endpoint",
            "model.precision",
            "model.tokenizer",
            "decoding.attempts",
            "decoding.batch",
            "decoding.concurrency",
            "decoding.longest_wait",
            "decoding.requests_per_minute",
            "decoding.timeout",
            "budget.cost",
            "budget.tokens",
            "prices.answer",
            "prices.currency",
            "prices.prompt",
        }
    ),
)
