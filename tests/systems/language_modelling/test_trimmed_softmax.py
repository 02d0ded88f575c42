"""Embeddings and softmax are cut to what occurs, and come back whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.engine.encoder_bodies import new_body
from massive_kit.systems.language_modelling.language_encoder import (
    LanguageEncoder,
    LanguageEncoderConfig,
)
from massive_kit.systems.language_modelling.trimmed_softmax import restore, trim
from tests.small_decoders import LLAMA
from tests.small_systems import BODY, T5

ROWS = 50


def made(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"vocab_size": ROWS, "pad_token_id": 0}
    if kind == "encoder":
        body = new_body(AutoConfig.for_model(**{**BODY, **sizes}))
        return LanguageEncoder(LanguageEncoderConfig(body=body.config.to_dict()), body)
    if kind == "text-to-text":
        values = {"model_type": "mt5", "num_decoder_layers": 1, "tie_word_embeddings": False, **T5}
        config = AutoConfig.for_model(**{**values, **sizes}, decoder_start_token_id=0)
        return AutoModelForSeq2SeqLM.from_config(config)
    return AutoModelForCausalLM.from_config(AutoConfig.for_model(**{**LLAMA, **sizes}))


def loss(model: PreTrainedModel, ids: torch.Tensor) -> torch.Tensor:
    value: torch.Tensor = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids).loss
    return value


@pytest.mark.parametrize("kind", ["encoder", "text-to-text", "decoder"])
def test_what_occurs_is_trained_and_the_rest_stays(kind: str) -> None:
    model = made(kind).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    ids = torch.tensor([[3, 7, 20, 41]])
    whole = float(loss(model, ids).detach())
    trimmed = trim(model, [np.array([3, 7, 20, 41], np.int32)], pad=0)
    assert trimmed.kept.tolist() == [0, 3, 7, 20, 41]
    small = torch.from_numpy(trimmed.table[ids.numpy()]).long()
    cut = loss(model, small)
    # A softmax over fewer subwords.
    assert float(cut.detach()) < whole
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    cut.backward()
    optimiser.step()
    restore(model, trimmed)
    after = model.state_dict()
    assert {name: value.shape for name, value in after.items()} == {
        name: value.shape for name, value in before.items()
    }
    others = [row for row in range(ROWS) if row not in trimmed.kept]
    tables = [name for name, value in before.items() if len(value) == ROWS]
    assert tables
    for name in tables:
        assert torch.equal(after[name][others], before[name][others])
        assert not torch.equal(after[name], before[name])
    assert torch.isfinite(loss(model, ids))
    if kind == "decoder":
        assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_a_batch_with_nothing_to_tell_has_no_loss() -> None:
    model = made("encoder")
    ids = torch.tensor([[3, 7]])
    output = model(ids, torch.ones_like(ids), torch.full_like(ids, -100))
    assert float(output.loss.detach()) == 0
    output.loss.backward()
