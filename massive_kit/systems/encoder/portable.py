"""Writes a trained encoder so that it predicts without PyTorch: one graph, decoding included."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from massive_kit.data.inventory import write_inventory
from massive_kit.engine.tokenizers import backend_of
from massive_kit.errors import ConfigError, Problem
from massive_kit.files import jsonio
from massive_kit.systems.encoder.dataset import special_ids
from massive_kit.systems.encoder.inference import decoder
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.joint_decoding import certainty
from massive_kit.systems.kind import Facts
from massive_kit.systems.subwords.portable import (
    GRAPH,
    INPUTS,
    INTENT_LOGITS,
    LABELS,
    OUTPUTS,
    READING,
    SLOT_LOGITS,
    TOKENIZER,
    ReadingSettings,
)

_OPSET = 18
_BY_SUBWORD = {*INPUTS, LABELS, SLOT_LOGITS}


def write(model: Path, recipe: EncoderRecipe, folder: Path) -> Facts:
    """Writes a trained encoder into a new folder, in 32-bit floating point.

    Args:
        model: Its model folder.
        recipe: Its recipe.
        folder: The new folder.

    Returns:
        What a recipe of the new system says of its model.

    Raises:
        ConfigError: It predicts by more than its own logits.
    """
    _check_alone(recipe)
    system = EncoderSystem.load(model, "fp32", recipe.model.placement)
    joint, tokenizer = system.model.cpu(), system.tokenizer
    backend_of(tokenizer).save(str(folder / TOKENIZER), pretty=False)
    write_inventory(folder, system.inventory)
    reading = ReadingSettings(
        placement=system.placement,
        max_pieces=joint.config.max_pieces,
        special=special_ids(tokenizer).tolist(),
        pad=int(tokenizer.pad_token_id or 0),
        character_locales=sorted(system.character_locales),
    )
    jsonio.write_json(folder / READING, reading.model_dump(mode="json"))
    _write_graph(joint, folder / GRAPH)
    return {
        "base": recipe.model.base,
        "pooling": recipe.model.pooling,
        "placement": str(system.placement),
        "label_pieces": recipe.model.label_pieces,
        "joint_decoding": recipe.model.joint_decoding,
        "products": [*map(list, system.products())],
    }


class _Graph(nn.Module):
    """From subwords to labels, as `inference.infer` reads them."""

    def __init__(self, model: JointModel) -> None:
        super().__init__()
        self.model = model
        self.decode = decoder(model)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor, speaking: Tensor
    ) -> tuple[Tensor, ...]:
        """What `OUTPUTS` names."""
        output = self.model.logits(input_ids, attention_mask, text_mask)
        decoded = self.decode(output, speaking)
        assert output.slot_logits is not None
        sure = certainty(output.intent_logits, output.slot_logits, decoded, speaking)
        logits = () if output.intent_logits is None else (output.intent_logits,)
        return decoded.intents.long(), decoded.labels, sure, *logits, output.slot_logits


def _write_graph(model: JointModel, path: Path) -> None:
    # Plain products and sums, which the runtime fuses.
    model.body.set_attn_implementation("eager")
    names = [name for name in OUTPUTS if model.intent is not None or name != INTENT_LOGITS]
    varying = {
        name: {0: "batch", 1: "subwords"} if name in _BY_SUBWORD else {0: "batch"}
        for name in (*INPUTS, *names)
    }
    ids = torch.zeros(2, 8, dtype=torch.long)
    mask = torch.ones(2, 8, dtype=torch.bool)
    with torch.inference_mode(), warnings.catch_warnings():
        # It warns of values that are constant here, and of itself: the newer exporter needs more
        # packages. What is exported is compared with the run.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Graph(model).eval(),
            (ids, mask, mask, mask),
            str(path),
            input_names=list(INPUTS),
            output_names=names,
            dynamic_axes=varying,
            opset_version=_OPSET,
            dynamo=False,
        )


def _check_alone(recipe: EncoderRecipe) -> None:
    inference = recipe.inference
    used = {
        "neighbours": inference.neighbours,
        "centring": inference.centring,
        "label_rates": inference.label_rates,
        "transitions": inference.transitions,
    }
    problems = [
        Problem(
            "recipe",
            f"inference.{key} is set, which is not exported",
            "a run that predicts by its own logits alone",
            f"massive-kit configure RUN -o inference.{key}=null --out OTHER, and export that",
        )
        for key, value in used.items()
        if value is not None
    ]
    if problems:
        raise ConfigError("the run cannot be exported", problems)
