"""Any encoder body trains, saves as safetensors and loads again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel

from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel

SMALL: dict[str, dict[str, Any]] = {
    "bert": {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64},
    "xlm-roberta": {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 64},
    "modernbert": {
        "hidden_size": 32,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "cls_token_id": 1,
        "eos_token_id": 2,
        "sep_token_id": 2,
    },
    "mt5": {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4},
}


def small(kind: str, **options: Any) -> JointModel:
    body = AutoConfig.for_model(kind, num_hidden_layers=2, vocab_size=50, **SMALL[kind])
    labels = {"intents": ["a", "b", "c"], "labels": ["Other", "date"]}
    config = JointConfig(body=body.to_dict(), **(labels | options))
    torch.manual_seed(0)
    return JointModel(config)


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("pooling", ["first", "mean", "max"])
def test_a_model_learns_and_loads_again(kind: str, pooling: str, tmp_path: Path) -> None:
    head = {"layers": 1, "width": 8, "activation": "tanh"}
    model = small(kind, pooling=pooling, intent_head=head)
    ids = torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    labels = torch.tensor([[NO_LABEL, 0, 1, NO_LABEL], [NO_LABEL, 0, NO_LABEL, NO_LABEL]])
    output = model(ids, mask, intent_labels=torch.tensor([0, 2]), slot_labels=labels)
    output.loss.backward()
    missing = [name for name, p in model.named_parameters() if p.grad is None]
    assert missing == []
    model.eval()
    before = model(ids, mask)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    for loaded in (JointModel.from_pretrained(tmp_path), AutoModel.from_pretrained(tmp_path)):
        after = loaded.eval()(ids, mask)
        torch.testing.assert_close(after.intent_logits, before.intent_logits)
        torch.testing.assert_close(after.slot_logits, before.slot_logits)


def test_padding_changes_nothing() -> None:
    model = small("bert", pooling="max").eval()
    short = model(torch.tensor([[1, 7, 2]]), torch.tensor([[1, 1, 1]]))
    padded = model(torch.tensor([[1, 7, 2, 0, 0]]), torch.tensor([[1, 1, 1, 0, 0]]))
    torch.testing.assert_close(short.intent_logits, padded.intent_logits)
    torch.testing.assert_close(short.slot_logits, padded.slot_logits[:, :3])


def test_no_slot_labels_at_all_leave_a_finite_loss() -> None:
    model = small("bert")
    nothing = torch.full((1, 3), NO_LABEL)
    output = model(
        torch.tensor([[1, 7, 2]]),
        torch.tensor([[1, 1, 1]]),
        intent_labels=torch.tensor([1]),
        slot_labels=nothing,
    )
    assert torch.isfinite(output.loss)


@pytest.mark.filterwarnings("error")
def test_a_corpus_without_intents_has_no_intent_head(tmp_path: Path) -> None:
    model = small("bert", intents=[], allowed_labels=[])
    ids, mask = torch.tensor([[1, 7, 2]]), torch.tensor([[1, 1, 1]])
    slots = torch.tensor([[NO_LABEL, 1, NO_LABEL]])
    output = model(ids, mask, intent_labels=torch.tensor([NO_LABEL]), slot_labels=slots)
    assert output.intent_logits is None
    expected = torch.nn.functional.cross_entropy(output.slot_logits[0, 1:2], torch.tensor([1]))
    torch.testing.assert_close(output.loss, expected)
    output.loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.save_pretrained(tmp_path)
    assert JointModel.from_pretrained(tmp_path).intent is None


def test_labels_count_for_as_much_as_they_are_sure() -> None:
    model = small("bert").eval()
    ids = torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    slots = torch.tensor([[NO_LABEL, 0, 1, NO_LABEL], [NO_LABEL, 0, NO_LABEL, NO_LABEL]])
    intents = torch.tensor([0, 2])

    def loss(rows: slice = slice(None), weights: list[float] | None = None) -> float:
        given = None if weights is None else torch.tensor(weights)
        output = model(
            ids[rows],
            mask[rows],
            intent_labels=intents[rows],
            slot_labels=slots[rows],
            row_weights=given,
        )
        return float(output.loss.detach())

    assert loss(weights=[1.0, 1.0]) == pytest.approx(loss())
    assert loss(weights=[0.5, 0.5]) == pytest.approx(loss() / 2)
    assert loss(slice(0, 1), [0.25]) == pytest.approx(loss(slice(0, 1)) / 4)
    assert loss(weights=[0.0, 0.0]) == 0
    # Each row has its own: two of three slot labels are the first row's.
    output = model(ids[:1], mask[:1], intent_labels=intents[:1], slot_labels=slots[:1])
    without_slots = torch.full_like(slots, NO_LABEL)
    intent = model(ids[:1], mask[:1], intent_labels=intents[:1], slot_labels=without_slots[:1])
    slot = float((output.loss - intent.loss).detach())
    assert loss(weights=[1.0, 0.0]) == pytest.approx(float(intent.loss.detach()) / 2 + slot * 2 / 3)
