"""The text-to-text model as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe

_LOADING = """\
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
model = AutoModelForSeq2SeqLM.from_pretrained("model")
tokenizer = AutoTokenizer.from_pretrained("model")"""

KIND = Kind(
    name="seq2seq",
    recipe=Seq2SeqRecipe,
    architecture="seq2seq",
    card=ModelCard("transformers", _LOADING),
    prepare_path="massive_kit.systems.seq2seq.training:prepare",
    load_path="massive_kit.systems.seq2seq.system:load",
    extra="train",
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
