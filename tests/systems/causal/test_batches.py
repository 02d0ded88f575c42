"""Batches of a decoder: the loss is on answers alone, and packed rows do not see each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from massive_kit.data.task_data import TaskData
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError
from massive_kit.systems.causal.attention_checks import check_causal, check_packing
from massive_kit.systems.causal.batches import CausalBatches
from massive_kit.systems.causal.packing import pack
from massive_kit.systems.causal.recipe import CausalModel
from massive_kit.systems.decoders.loading import with_padding
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts, encode_split
from tests.small_decoders import LLAMA

ROWS = np.arange(5)


def coding_of(folder: Path, task_data: TaskData) -> TextCoding:
    model = CausalModel.model_validate({"base": str(folder), "format": {"prompt": ""}})
    tokenizer = with_padding(load_tokenizer(folder))
    return TextCoding(tokenizer, task_data.store.inventory, model, " =>")


@pytest.fixture(scope="module")
def coding(touching_decoder: Path, touching_task: TaskData) -> TextCoding:
    return coding_of(touching_decoder, touching_task)


@pytest.fixture(scope="module")
def texts(coding: TextCoding, touching_task: TaskData) -> LabelledTexts:
    return encode_split(touching_task.train, coding)


@pytest.fixture(scope="module")
def model(touching_decoder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(touching_decoder).eval()


def test_a_row_is_an_utterance_and_its_answer_and_only_the_answer_is_learned(
    coding: TextCoding, texts: LabelledTexts
) -> None:
    batch = CausalBatches(texts, coding.pad)[1]
    tokenizer, learned = coding.tokenizer, batch["labels"][0] != NO_LABEL
    assert tokenizer.decode(batch["input_ids"][0]) == (
        "<s> play c d => Other song song IN:PLAY</s>"
    )
    answer = batch["labels"][0][learned]
    assert tokenizer.decode(answer) == "Other song song IN:PLAY</s>"
    assert torch.equal(batch["input_ids"][0][learned], answer)
    several = CausalBatches(texts, coding.pad).__getitems__(ROWS)
    assert (several["labels"] == NO_LABEL).sum() > (several["attention_mask"] == 0).sum()
    assert (several["labels"][several["attention_mask"] == 0] == NO_LABEL).all()


@pytest.mark.parametrize("width", [16, 64, 1000])
def test_packed_rows_have_the_loss_and_the_gradient_of_padded_ones(
    width: int, coding: TextCoding, texts: LabelledTexts, model: Any
) -> None:
    losses, gradients = [], []
    for packing in (None, width):
        batch = CausalBatches(texts, coding.pad, packing).__getitems__(ROWS)
        model.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        losses.append(loss.item())
        gradients.append(model.lm_head.weight.grad.clone())
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert torch.allclose(*gradients, atol=1e-5)
    # Without the mask, rows see each other.
    if width == 1000:
        del batch["attention_mask"]
        batch["position_ids"] = torch.arange(batch["input_ids"].shape[1])[None]
        assert abs(model(**batch).loss.item() - losses[0]) > 1e-3


def test_rows_are_packed_longest_first_and_each_stands_once() -> None:
    rows = [np.full(length, length, np.int32) for length in (3, 9, 4, 2, 12)]
    packed = pack(rows, rows, width=9, pad=0)
    assert packed.ids.tolist() == [
        [12] * 12,
        [9] * 9 + [0] * 3,
        [4] * 4 + [3] * 3 + [2] * 2 + [0] * 3,
    ]
    assert packed.row[2].tolist() == [2] * 4 + [0] * 3 + [3] * 2 + [-1] * 3
    assert packed.positions[2].tolist() == [0, 1, 2, 3, 0, 1, 2, 0, 1, 0, 0, 0]
    assert (packed.labels == NO_LABEL).tolist() == (packed.row == -1).tolist()
    seen = packed.mask[2, 0]
    assert np.flatnonzero(seen[6]).tolist() == [4, 5, 6]
    assert np.flatnonzero(seen[7]).tolist() == [7]
    # What fills up sees something, so that no mean is over nothing.
    assert seen.diagonal().all()


def test_an_encoder_is_no_decoder(model: Any) -> None:
    check_causal(model)
    values = {key: LLAMA[key] for key in ("hidden_size", "num_hidden_layers", "intermediate_size")}
    bert = AutoConfig.for_model("bert", vocab_size=50, num_attention_heads=4, **values)
    with pytest.raises(ConfigError, match="sees the subwords that it has to write"):
        check_causal(AutoModelForCausalLM.from_config(bert))


def test_layers_that_go_beyond_the_mask_are_refused(model: Any) -> None:
    check_packing(model)
    mamba = AutoConfig.for_model(
        "mamba", vocab_size=50, hidden_size=16, num_hidden_layers=1, state_size=4
    )
    # This one adds the mask, which is no number, to its scores.
    eager = AutoModelForCausalLM.from_config(model.config, attn_implementation="eager")
    for other in (AutoModelForCausalLM.from_config(mamba), eager):
        with pytest.raises(ConfigError, match="cannot keep packed rows apart"):
            check_packing(other)
