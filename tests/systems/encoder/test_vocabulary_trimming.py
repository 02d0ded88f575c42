"""Training on a trimmed embedding matrix gives the same model as training on the full one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoConfig

from massive_kit.engine.optimiser import new_optimiser, new_schedule
from massive_kit.schema.optimiser import Optimiser
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.vocabulary_trimming import restore, trim

ROWS, LENGTH, VOCABULARY = 24, 6, 300


def some_set(seed: int) -> EncoderDataset:
    rng = np.random.default_rng(seed)
    subwords = rng.choice(np.arange(10, VOCABULARY, 7), (ROWS, LENGTH)).astype(np.int32)
    subwords[:, 0], subwords[:, -1] = 0, 2
    return EncoderDataset(
        locales=("en-US",),
        locale=np.zeros(ROWS, np.int16),
        subwords=subwords.ravel(),
        subword_offsets=np.arange(ROWS + 1) * LENGTH,
        positions=np.tile(np.arange(1, LENGTH - 1, dtype=np.int32), ROWS),
        token_offsets=np.arange(ROWS + 1) * (LENGTH - 2),
        owners=np.tile(np.array([-1, *range(LENGTH - 2), -1], np.int32), ROWS),
        intents=rng.integers(0, 3, ROWS).astype(np.int32),
        labels=rng.integers(0, 2, ROWS * (LENGTH - 2)).astype(np.int16),
        special=np.array([0, 1, 2], np.int32),
        pad=1,
    )


def new_model(kind: str) -> JointModel:
    torch.manual_seed(0)
    body = AutoConfig.for_model(
        kind,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        vocab_size=VOCABULARY,
        pad_token_id=1,
    )
    return JointModel(
        JointConfig(body=body.to_dict(), intents=["a", "b", "c"], labels=["Other", "date"])
    )


def train(model: JointModel, data: EncoderDataset, steps: int) -> None:
    settings = Optimiser(lr=1e-2, weight_decay=0.3, warmup=2)
    optimiser = new_optimiser(model, settings)
    schedule = new_schedule(optimiser, settings, steps)
    labels = data.subword_labels()
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    model.train()
    for _ in range(steps):
        batch = data.batch(rng.choice(ROWS, 8, replace=False), labels)
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_the_saved_model_is_the_same_to_1e_6_with_weight_decay(kind: str) -> None:
    data, dev = some_set(0), some_set(5)
    full = new_model(kind)
    train(full, data, 30)
    small = new_model(kind)
    trimmed = trim(small, (data, dev))
    assert len(trimmed.kept) < VOCABULARY / 2
    train(small, data.remapped(trimmed.table), 30)
    restore(small, trimmed)
    for (name, expected), restored in zip(full.named_parameters(), small.parameters(), strict=True):
        torch.testing.assert_close(restored, expected, rtol=0, atol=1e-6, msg=name)
    # Rows that never occur have decayed as well.
    start = new_model(kind).get_input_embeddings().weight
    rest = np.setdiff1d(np.arange(VOCABULARY), trimmed.kept)
    now = small.get_input_embeddings().weight
    assert (now[rest].abs().sum() < 0.99 * start[rest].abs().sum()).item()


def test_a_frozen_matrix_comes_back_unchanged() -> None:
    model = new_model("bert")
    model.get_input_embeddings().weight.requires_grad_(False)
    before = model.get_input_embeddings().weight.clone()
    data = some_set(0)
    trimmed = trim(model, (data,))
    assert not model.get_input_embeddings().weight.requires_grad
    train(model, data.remapped(trimmed.table), 3)
    restore(model, trimmed)
    assert torch.equal(model.get_input_embeddings().weight, before)


@pytest.mark.parametrize("trained", [True, False])
def test_the_full_matrix_is_held_once(trained: bool) -> None:
    model = new_model("bert")
    matrix = model.get_input_embeddings().weight.requires_grad_(trained)
    trimmed = trim(model, (some_set(0),))
    restore(model, trimmed)
    assert model.get_input_embeddings().weight.data_ptr() == matrix.data_ptr()
