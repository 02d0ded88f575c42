"""What a base brings along beside its weights changes nothing, and none of it is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from massive_kit.engine.base_models import most_positions
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.decoders.loading import load_decoder, with_padding


def test_code_in_a_base_is_not_run(small_decoder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    load_tokenizer(small_decoder).save_pretrained(tmp_path)
    auto = {"AutoConfig": "evil.Evil", "AutoModelForCausalLM": "evil.Evil"}
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "evil", "auto_map": auto}))
    (tmp_path / "evil.py").write_text(f"open({str(ran)!r}, 'w')\nclass Evil: pass\n")
    with pytest.raises(MissingDataError, match="cannot be loaded"):
        load_decoder(BaseModelSettings(base=str(tmp_path)), load_tokenizer(small_decoder))
    assert not ran.exists()


def test_pickled_weights_are_not_read(small_decoder: Path, tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(small_decoder)
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(MissingDataError, match="safetensors"):
        load_decoder(BaseModelSettings(base=str(tmp_path)), load_tokenizer(small_decoder))


def test_a_base_that_punishes_repetition_does_not_do_so_here(
    small_decoder: Path, tmp_path: Path
) -> None:
    model = AutoModelForCausalLM.from_pretrained(small_decoder)
    model.generation_config.repetition_penalty = 1.5
    model.save_pretrained(tmp_path)
    loaded = load_decoder(BaseModelSettings(base=str(tmp_path)), load_tokenizer(small_decoder))
    assert loaded.generation_config.repetition_penalty is None


def test_a_tokenizer_fills_up_with_what_it_has(small_decoder: Path) -> None:
    tokenizer = load_tokenizer(small_decoder)
    tokenizer.pad_token = None
    assert with_padding(tokenizer).pad_token_id == tokenizer.eos_token_id
    tokenizer.eos_token = None
    with pytest.raises(ConfigError, match="no subword that ends a text"):
        with_padding(tokenizer)


def test_learned_positions_of_gpt2_are_counted() -> None:
    config = AutoConfig.for_model(
        "gpt2", vocab_size=20, n_positions=48, n_embd=8, n_layer=1, n_head=2
    )
    assert most_positions(AutoModelForCausalLM.from_config(config)) == 48


@pytest.mark.parametrize("names", [("a",), ("a", "b")], ids=["itself", "in a circle"])
def test_an_adapter_that_stands_on_itself_is_told(names: tuple[str, ...], tmp_path: Path) -> None:
    for name, base in zip(names, (*names[1:], names[0]), strict=True):
        (tmp_path / name).mkdir()
        config = {"peft_type": "LORA", "base_model_name_or_path": str(tmp_path / base)}
        (tmp_path / name / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(MassiveKitError, match="leads back to the adapter itself"):
        load_decoder(BaseModelSettings(base=str(tmp_path / "a")), None)
