"""A head that a base was trained with is taken up, and says what it said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import AutoConfig, AutoModelForMaskedLM, PreTrainedTokenizerFast

from massive_kit.engine.encoder_bodies import load_body
from massive_kit.engine.special_subwords import mask_of
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.language_modelling.language_encoder import (
    LanguageEncoder,
    LanguageEncoderConfig,
)
from massive_kit.systems.language_modelling.pretrained_heads import take_over
from massive_kit.systems.pretraining.building import build_model, takes_up_head
from massive_kit.systems.pretraining.recipe import PretrainingModel

SIZES: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "pad_token_id": 1,
}
DISTILBERT: dict[str, Any] = {
    "vocab_size": 40,
    "dim": 16,
    "n_layers": 1,
    "n_heads": 2,
    "hidden_dim": 16,
    "pad_token_id": 1,
}


@pytest.mark.parametrize(
    ("model_type", "sizes"),
    [("bert", SIZES), ("xlm-roberta", SIZES), ("distilbert", DISTILBERT)],
)
def test_it_says_what_it_said(model_type: str, sizes: dict[str, Any], tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = AutoConfig.for_model(model_type, **sizes)
    theirs = AutoModelForMaskedLM.from_config(config).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    theirs.save_pretrained(tmp_path)
    settings = BaseModelSettings(base=str(tmp_path))
    saved = AutoConfig.from_pretrained(tmp_path)
    body = load_body(settings, saved)
    ours = LanguageEncoder(LanguageEncoderConfig(body=body.config.to_dict()), body).eval()
    assert take_over(ours.head, settings, saved)
    ids = torch.tensor([[5, 6, 7, 8]])
    mask = torch.ones_like(ids)
    logits = ours(ids, mask, ids).logits
    expected = theirs(input_ids=ids, attention_mask=mask).logits[0]
    # Norms differ by their epsilon.
    assert torch.allclose(logits, expected, atol=1e-3)


def test_a_body_alone_has_none(small_encoder: Path) -> None:
    settings = BaseModelSettings(base=str(small_encoder))
    config = AutoConfig.from_pretrained(small_encoder)
    body = load_body(settings, config)
    ours = LanguageEncoder(LanguageEncoderConfig(body=body.config.to_dict()), body)
    assert not take_over(ours.head, settings, config)


def test_a_base_whose_tokenizer_has_no_mask_keeps_its_head(tmp_path: Path) -> None:
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefgh"]
    numbers = {subword: number for number, subword in enumerate(known)}
    special = {f"{subword[1:-1].lower()}_token": subword for subword in known[:4]}
    backend = Tokenizer(models.WordPiece(numbers, unk_token=known[1]))
    PreTrainedTokenizerFast(tokenizer_object=backend, **special).save_pretrained(tmp_path)
    sizes = SIZES | {"vocab_size": len(known), "pad_token_id": 0}
    config = AutoConfig.for_model("bert", **sizes)
    AutoModelForMaskedLM.from_config(config).save_pretrained(tmp_path)
    tokenizer = load_tokenizer(str(tmp_path))
    mask_of(tokenizer)
    settings = PretrainingModel(architecture="encoder", base=str(tmp_path))
    model = build_model(settings, tokenizer, None)
    assert len(model.get_input_embeddings().weight) > len(known)
    assert takes_up_head(model, settings, tokenizer)
