"""A decoder with random weights, as a folder to start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "tie_word_embeddings": True,
}


def decoder_folder(folder: Path, texts: list[str], **changes: object) -> Path:
    """A decoder whose tokenizer knows some texts."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from massive_kit.engine.tokenizers import train_tokenizer

    tokenizer = train_tokenizer([*texts, "=>", "Other", "I-"], 600)
    values = LLAMA | {"vocab_size": len(tokenizer), "pad_token_id": 0} | changes
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(
            AutoConfig.for_model(**values, bos_token_id=2, eos_token_id=3)
        )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def small_decoder(tmp_path_factory: pytest.TempPathFactory, demo_store: Store) -> Path:
    """One that knows English and Japanese, and the labels of the demo corpus."""
    from massive_kit.data.split import DataSplit

    inventory = demo_store.inventory
    names = [*inventory.intents, *inventory.slots]
    split = DataSplit(demo_store, "train", ("en-US", "ja-JP"))
    texts = split.read(["utt"]).column("utt").to_pylist()
    return decoder_folder(tmp_path_factory.mktemp("decoder"), [*texts, *names])


@pytest.fixture(scope="session")
def touching_decoder(tmp_path_factory: pytest.TempPathFactory, touching_store: Store) -> Path:
    """One that knows the corpus with touching spans."""
    from massive_kit.data.split import DataSplit

    inventory = touching_store.inventory
    names = [*inventory.intents, *inventory.slots]
    split = DataSplit(touching_store, "train", ("en-US",))
    texts = split.read(["utt"]).column("utt").to_pylist()
    # Random weights may write a slot for every word.
    return decoder_folder(
        tmp_path_factory.mktemp("decoder"), [*texts, *names], max_position_embeddings=4096
    )
