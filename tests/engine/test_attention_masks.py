"""What is known of padding spares questions and changes no result."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from massive_kit.engine.attention_masks import has_padding, known_padding

SIZES = {
    "vocab_size": 60,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
HALF = {"num_key_value_heads": 1, "head_dim": 8}
T5 = {"vocab_size": 60, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_heads": 2, "num_layers": 2}
FAMILIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "bert": (AutoModel, SIZES),
    "xlm-roberta": (AutoModel, SIZES),
    "rembert": (AutoModel, SIZES | {"input_embedding_size": 16}),
    "deberta-v2": (AutoModel, SIZES),
    "modernbert": (
        AutoModel,
        SIZES
        | {"local_attention": 4, "global_attn_every_n_layers": 2, "cls_token_id": 2}
        | {"sep_token_id": 3},
    ),
    "mt5": (AutoModelForSeq2SeqLM, T5 | {"decoder_start_token_id": 0}),
    "llama": (AutoModelForCausalLM, SIZES | HALF),
    "mistral": (AutoModelForCausalLM, SIZES | HALF | {"sliding_window": 4}),
    "gemma3_text": (
        AutoModelForCausalLM,
        SIZES
        | HALF
        | {"sliding_window": 4, "layer_types": ["sliding_attention", "full_attention"]},
    ),
}


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    ask = torch.Tensor.__bool__

    def question(tensor: torch.Tensor) -> bool:
        asked.append("bool")
        answer: bool = ask(tensor)
        return answer

    monkeypatch.setattr(torch.Tensor, "__bool__", question)
    return asked


@pytest.mark.parametrize(
    ("family", "attention"),
    [
        (family, attention)
        for family in FAMILIES
        for attention in ("sdpa", "eager")
        # These two have one kind of attention.
        if attention == "eager" or family not in {"rembert", "deberta-v2"}
    ],
)
def test_nothing_is_asked_and_nothing_changes(
    family: str, attention: str, questions: list[str]
) -> None:
    kind, sizes = FAMILIES[family]
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **sizes)
    model = kind.from_config(config, attn_implementation=attention).eval()
    ids = torch.randint(4, 60, (3, 9))
    for lengths in ((9, 9, 9), (9, 6, 3)):
        mask = torch.arange(9) < torch.tensor(lengths)[:, None]
        batch = {"input_ids": ids.masked_fill(~mask, 1), "attention_mask": mask.long()}
        assert has_padding(batch) is (lengths[-1] < 9)
        if kind is not AutoModel:
            batch["labels"] = ids.masked_fill(~mask, -100)
        results = []
        for known in (nullcontext(), known_padding(batch)):
            with known:
                questions.clear()
                output = model(**batch)
            results.append(output)
        assert not questions
        plain, spared = results
        if kind is AutoModel:
            plain, spared = plain.last_hidden_state, spared.last_hidden_state
        else:
            assert spared.loss.item() == pytest.approx(plain.loss.item(), rel=1e-5)
            plain, spared = plain.logits, spared.logits
        assert torch.allclose(plain[mask], spared[mask], atol=1e-5)


def test_a_batch_has_the_padding_of_what_it_holds() -> None:
    whole, filled = torch.ones(2, 3), torch.tensor([[1, 1], [1, 0]])
    beside = {"mlm": {"attention_mask": filled, "labels": filled}}
    assert not has_padding({"attention_mask": whole, "labels": filled})
    assert has_padding({"attention_mask": whole, "auxiliary": beside})
