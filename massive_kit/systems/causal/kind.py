"""The fine-tuned decoder as a kind."""

from __future__ import annotations

from massive_kit.systems.causal.recipe import CausalRecipe
from massive_kit.systems.kind import Kind, ModelCard

_LOADING = """\
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained("model")
tokenizer = AutoTokenizer.from_pretrained("model")"""

KIND = Kind(
    name="causal",
    recipe=CausalRecipe,
    architecture="decoder",
    card=ModelCard("transformers", _LOADING),
    prepare_path="massive_kit.systems.causal.training:prepare",
    load_path="massive_kit.systems.causal.system:load",
    extra="llm",
    prediction_keys=frozenset(
        {
            "model.constrained",
            "model.beams",
            "model.max_output",
            "training.eval_batch_tokens",
            "training.precision",
        }
    ),
)
