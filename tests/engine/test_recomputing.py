"""Layers that are computed twice learn the same in less memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.data.task_data import TaskData
from massive_kit.engine.recomputing import recompute_layers
from massive_kit.engine.requirements import _Reading
from massive_kit.errors import ConfigError
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.recipes import parse_recipe
from tests.small_decoders import LLAMA
from tests.small_systems import BODY, T5

DEEP = {"num_hidden_layers": 4}


def made(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    if kind == "encoder":
        body = BODY | DEEP | {"vocab_size": 50}
        return JointModel(JointConfig(body, intents=["a", "b"], labels=["Other", "c"]))
    if kind == "text-to-text":
        sizes = T5 | {"num_layers": 4, "num_decoder_layers": 4, "vocab_size": 50}
        config = AutoConfig.for_model("mt5", **sizes, decoder_start_token_id=0)
        return AutoModelForSeq2SeqLM.from_config(config)
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(**LLAMA | DEEP))


def batch(kind: str) -> dict[str, torch.Tensor]:
    ids = torch.arange(24).reshape(2, 12)
    values = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if kind == "encoder":
        return values | {"intent_labels": torch.tensor([0, 1]), "slot_labels": ids % 2}
    return values | {"labels": ids}


@pytest.mark.parametrize("kind", ["encoder", "text-to-text", "decoder"])
def test_loss_and_gradients_are_the_same(kind: str) -> None:
    losses, gradients, kept = [], [], []
    for twice in (False, True):
        model = made(kind).train()
        if twice:
            recompute_layers(model)
        kept.append(
            _Reading(model, lambda model, read: model(**read).loss, "fp32").kept(batch(kind))
        )
        # Dropout draws the same when a layer is computed again.
        torch.manual_seed(1)
        loss = model(**batch(kind)).loss
        loss.backward()
        losses.append(loss.item())
        gradients.append([p.grad for p in model.parameters() if p.grad is not None])
    assert losses[0] == losses[1]
    # Computed again, they lie elsewhere in memory, where some processors add in another order.
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-6)
    assert kept[1] < kept[0]


def test_a_run_learns_the_same(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    values: dict[str, Any] = recipes["encoder"].model_dump(mode="json")
    logs = []
    for twice in (False, True):
        values["training"] |= {
            "epochs": 0.2,
            "evaluations": 1,
            "log_steps": 1,
            "gradient_checkpointing": twice,
        }
        run = train_run(parse_recipe(values, "small"), task_data, tmp_path / str(twice))
        logs.append([json.loads(line) for line in run.log.read_text().splitlines()])
    assert logs[0] == logs[1]


def test_a_model_that_cannot_is_refused() -> None:
    class Whole(JointModel):
        supports_gradient_checkpointing = False

    model = Whole(JointConfig(BODY | {"vocab_size": 50}, intents=["a"], labels=["Other"]))
    with pytest.raises(ConfigError, match=r"training\.gradient_checkpointing is true, and Whole"):
        recompute_layers(model)
