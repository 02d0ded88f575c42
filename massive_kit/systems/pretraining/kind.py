"""Pre-training as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.pretraining.recipe import PretrainingRecipe

_LOADING = """\
from transformers import AutoModel, AutoTokenizer
model = AutoModel.from_pretrained("model")
tokenizer = AutoTokenizer.from_pretrained("model")"""

KIND = Kind(
    name="pretraining",
    recipe=PretrainingRecipe,
    architecture="encoder",
    card=ModelCard(
        "transformers",
        _LOADING,
        purpose="A model to start from, as a recipe's `model.base`; it has learnt from text alone.",
    ),
    prepare_path="massive_kit.systems.pretraining.training:prepare",
    load_path="massive_kit.systems.pretraining.loading:load",
    extra="train",
)
