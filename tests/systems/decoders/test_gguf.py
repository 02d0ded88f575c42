"""A model in a GGUF file is a base like any other, and what is made of it can be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFWriter

from massive_kit.data.task_data import TaskData
from massive_kit.engine.model_source import ModelSource
from massive_kit.errors import MissingDataError
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.systems.recipes import parse_recipe

WIDTH, LAYERS, MLP = 32, 1, 48


def write_gguf(path: Path) -> None:
    """A llama with random weights whose vocabulary is the bytes."""
    # As `gpt2` tokenizers write bytes.
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    tokens = [
        "<s>",
        "</s>",
        "<|endoftext|>",
        *map(chr, shown),
        *(chr(256 + i) for i in range(len(hidden))),
    ]
    tokens.append("Ġt")
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(512)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(MLP)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, *([1] * (len(tokens) - 3))])
    writer.add_token_merges(["Ġ t"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(2)
    rng = np.random.default_rng(0)
    shapes = {
        "token_embd": (len(tokens), WIDTH),
        "output_norm": (WIDTH,),
        "blk.0.attn_norm": (WIDTH,),
        "blk.0.ffn_norm": (WIDTH,),
        "blk.0.attn_q": (WIDTH, WIDTH),
        "blk.0.attn_k": (WIDTH // 2, WIDTH),
        "blk.0.attn_v": (WIDTH // 2, WIDTH),
        "blk.0.attn_output": (WIDTH, WIDTH),
        "blk.0.ffn_gate": (MLP, WIDTH),
        "blk.0.ffn_up": (MLP, WIDTH),
        "blk.0.ffn_down": (WIDTH, MLP),
    }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", rng.normal(0, 0.1, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    write_gguf(path)
    return path


@pytest.mark.parametrize("lora", [None, {"rank": 2}], ids=["all weights", "adapters"])
def test_a_gguf_file_is_a_base(
    lora: dict[str, Any] | None, gguf_file: Path, touching_task: TaskData, tmp_path: Path
) -> None:
    recipe = parse_recipe(
        {
            "kind": "causal",
            "title": "small",
            "model": {
                "base": str(gguf_file),
                "format": {"words": True, "inside": "inside_slot_name"},
                "lora": lora,
            },
            "training": {"epochs": 1, "evaluations": 1, "precision": "fp32"},
        },
        "small",
    )
    run = train_run(recipe, touching_task, tmp_path / "run")
    names = {path.name for path in run.model.iterdir()}
    assert ("adapter_model.safetensors" if lora else "model.safetensors") in names
    assert predict_task(run.path, touching_task, tmp_path / "p.jsonl").failed == 0


def test_weights_of_a_gguf_file_stay_as_they_are_when_saved(
    gguf_file: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM

    from massive_kit.engine.tokenizers import load_tokenizer
    from massive_kit.schema.base_model import BaseModelSettings
    from massive_kit.systems.decoders.loading import load_decoder

    tokenizer = load_tokenizer(gguf_file)
    assert tokenizer.decode(tokenizer("a tä 語").input_ids) == "a tä 語"
    read = load_decoder(BaseModelSettings(base=str(gguf_file)), tokenizer)
    read.save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = torch.tensor([tokenizer("a test").input_ids])
    with torch.inference_mode():
        assert torch.equal(read(ids).logits, again(ids).logits)
    # The same as `transformers` reads it.
    plain = AutoModelForCausalLM.from_pretrained(gguf_file.parent, gguf_file=gguf_file.name)
    with torch.inference_mode():
        assert torch.equal(read(ids).logits, plain(ids).logits)


def test_a_file_that_is_not_there_or_broken_is_told(gguf_file: Path, tmp_path: Path) -> None:
    from massive_kit.engine.tokenizers import load_tokenizer

    with pytest.raises(MissingDataError, match="no tokenizer at"):
        load_tokenizer(tmp_path / "none.gguf")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(gguf_file.read_bytes()[:100])
    with pytest.raises(MissingDataError, match="no tokenizer at"):
        load_tokenizer(broken)


@pytest.mark.parametrize(
    ("base", "name", "gguf"),
    [
        ("folder/file.gguf", "folder", "file.gguf"),
        ("file.GGUF", ".", "file.GGUF"),
        ("/some/folder/q8/file.gguf", "/some/folder/q8", "file.gguf"),
        ("owner/name/file.gguf", "owner/name", "file.gguf"),
        ("owner/name/q8/file.gguf", "owner/name", "q8/file.gguf"),
        ("owner/name", "owner/name", None),
        ("/folder/x.gguf/", "/folder/x.gguf/", None),
    ],
)
def test_where_a_base_is(base: str, name: str, gguf: str | None) -> None:
    assert ModelSource.of(base) == ModelSource(name, gguf)
