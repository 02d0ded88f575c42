"""Packed rows in bf16 on a GPU: what is read and learnt is that of rows side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig

from massive_kit.data.task_data import TaskData
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.precision import autocast
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.engine.transfers import on_device
from massive_kit.systems.encoder.dataset import EncoderBatches, EncoderDataset, encode_split
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel, JointOutput
from massive_kit.systems.encoder.packing import PackedEncoderBatches
from massive_kit.systems.subwords.placement import Placement

# Heads of 64, as in models that are in use: the kernels of attention hang on it.
SIZES = {
    "vocab_size": 1000,
    "hidden_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 256,
}
ROWS, WIDTH = 200, 128
# bf16 has 8 bits; a step on the same rows in another order differs by as much.
PART = 0.03


@pytest.mark.gpu
def test_packed_rows_are_read_and_learnt_as_rows_side_by_side(task_data: TaskData) -> None:
    assert_alike(task_data, torch.device("cuda"))


def assert_alike(task_data: TaskData, device: torch.device) -> None:
    """Loss, logits and gradients of packed and of padded rows in bf16 on a device."""
    texts = task_data.store.read("train", ["en-US"], ["utt"]).column("utt").to_pylist()
    tokenizer = train_tokenizer(texts, SIZES["vocab_size"])
    data = encode_split(task_data.train, tokenizer, placement=Placement.raw_text, max_length=WIDTH)
    model = _model(task_data, data).to(device)
    rows = np.random.default_rng(0).permutation(len(data))[:ROWS]
    padded = EncoderBatches(data).__getitems__(rows)
    packed = PackedEncoderBatches(data, WIDTH).__getitems__(rows)
    alone, expected = _learnt(model, padded, device)
    together, computed = _learnt(model, packed, device)
    assert together.loss is not None
    assert alone.loss is not None
    assert together.loss.item() == pytest.approx(alone.loss.item(), rel=PART)
    inside = packed["row_numbers"] < ROWS
    _assert_near(together.slot_logits, alone.slot_logits, inside, padded["attention_mask"].bool())
    whole = torch.ones(ROWS, dtype=torch.bool)
    _assert_near(together.intent_logits, alone.intent_logits, whole, whole)
    largest = max(float(gradient.abs().max()) for gradient in expected.values())
    for name, gradient in expected.items():
        assert float((computed[name] - gradient).abs().max()) < PART * largest, name


def _model(task_data: TaskData, data: EncoderDataset) -> JointModel:
    torch.manual_seed(0)
    config = AutoConfig.for_model("xlm-roberta", **SIZES, pad_token_id=data.pad)
    inventory = task_data.store.inventory
    model = JointModel(
        JointConfig(
            body=config.to_dict(),
            intents=list(inventory.intents),
            labels=list(inventory.labels),
        )
    )
    # Without dropout, whose draws differ.
    model.eval()
    return model


def _learnt(
    model: JointModel, batch: Mapping[str, Any], device: torch.device
) -> tuple[JointOutput, dict[str, torch.Tensor]]:
    model.zero_grad()
    with known_padding(batch), autocast(device, "bf16"):
        output: JointOutput = model(**on_device(batch, device))
    assert output.loss is not None
    output.loss.backward()
    gradients = {
        name: weight.grad.clone()
        for name, weight in model.named_parameters()
        if weight.grad is not None
    }
    return output, gradients


def _assert_near(
    logits: torch.Tensor | None,
    others: torch.Tensor | None,
    places: torch.Tensor,
    other_places: torch.Tensor,
) -> None:
    assert logits is not None
    assert others is not None
    first, second = (
        values.detach().float().cpu()[where]
        for values, where in ((logits, places), (others, other_places))
    )
    assert float((first - second).abs().max()) < PART * float(second.abs().max())
