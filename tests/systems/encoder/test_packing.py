"""Packed rows are read, and learnt from, as if each stood alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, AutoModel

from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import plan_batches
from massive_kit.engine.compiling import compiled
from massive_kit.engine.packed_rows import check_packing
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.dataset import EncoderBatches, EncoderDataset
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.packing import PackedEncoderBatches
from massive_kit.systems.recipes import parse_recipe
from tests.stopped_runs import assert_it_goes_on

SIZES = {
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "pad_token_id": 1,
}
BODIES: dict[str, dict[str, Any]] = {
    "bert": SIZES,
    "xlm-roberta": SIZES,
    "roberta": SIZES,
    "distilbert": {"vocab_size": 60, "dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2},
    "modernbert": SIZES | {"cls_token_id": 2, "sep_token_id": 3},
    # Its positions are relative, and told to nobody.
    "mt5": {"vocab_size": 60, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4}
    | {"num_layers": 2},
}
ROWS, WIDTH = 40, 32


def model_of(body: str, attention: str = "sdpa", **options: Any) -> JointModel:
    config = AutoConfig.for_model(body, **BODIES[body], attn_implementation=attention)
    torch.manual_seed(0)
    names = {"intents": ["a", "b", "c"], "labels": ["Other", "date", "time"]}
    model = JointModel(JointConfig(body=config.to_dict(), **(names | options)))
    model.body.config._attn_implementation = attention
    # Large weights, so that what sees too much shows.
    for parameter in model.parameters():
        parameter.data *= 2
    model.eval()
    return model


@pytest.fixture(scope="module")
def data() -> EncoderDataset:
    rng = np.random.default_rng(0)
    lengths = rng.integers(2, 20, ROWS)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    subwords = rng.integers(4, 60, offsets[-1]).astype(np.int32)
    subwords[offsets[:-1]] = 2
    subwords[offsets[1:] - 1] = 3
    within: NDArray[np.int64] = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    intents = rng.integers(0, 3, ROWS).astype(np.int32)
    intents[5] = -1
    return EncoderDataset(
        locales=("xx-XX",),
        locale=np.zeros(ROWS, np.int16),
        subwords=subwords,
        subword_offsets=offsets,
        positions=within.astype(np.int32),
        token_offsets=offsets,
        owners=within.astype(np.int32),
        intents=intents,
        labels=rng.integers(-1, 3, offsets[-1]).astype(np.int16),
        special=np.array([2, 3], np.int32),
        pad=1,
    )


@pytest.mark.parametrize("pooling", ["first", "mean", "max"])
@pytest.mark.parametrize(
    ("body", "attention"),
    [*((body, "sdpa") for body in BODIES), ("xlm-roberta", "eager"), ("mt5", "eager")],
)
def test_loss_logits_and_gradients_are_those_of_rows_side_by_side(
    body: str, attention: str, pooling: str, data: EncoderDataset
) -> None:
    model = model_of(body, attention, pooling=pooling)
    check_packing(model.body, int(data.lengths.max()), WIDTH)
    weights = np.linspace(0.1, 1, ROWS, dtype=np.float32)
    rows = np.random.default_rng(1).permutation(ROWS)[:30]
    padded = EncoderBatches(data, weights=weights).__getitems__(rows)
    packed = PackedEncoderBatches(data, WIDTH, weights=weights).__getitems__(rows)
    outputs, gradients = [], []
    for batch in (padded, packed):
        model.zero_grad()
        output = model(**batch)
        output.loss.backward()
        outputs.append(output)
        gradients.append({name: weight.grad for name, weight in model.named_parameters()})
    alone, together = outputs
    assert together.loss.item() == pytest.approx(alone.loss.item(), rel=1e-5)
    torch.testing.assert_close(together.intent_logits, alone.intent_logits, rtol=1e-4, atol=1e-4)
    inside = packed["row_numbers"] < len(rows)
    torch.testing.assert_close(
        together.slot_logits[inside],
        alone.slot_logits[padded["attention_mask"].bool()],
        rtol=1e-4,
        atol=1e-4,
    )
    largest = max(float(gradient.abs().max()) for gradient in gradients[0].values())
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-3, atol=1e-5 * largest)


def test_no_row_sees_another(data: EncoderDataset) -> None:
    model = model_of("xlm-roberta")
    batch = PackedEncoderBatches(data, WIDTH).__getitems__(np.arange(10))
    other = dict(batch)
    changed = (batch["row_numbers"] == 3) & (batch["row_positions"] == 1)
    other["input_ids"] = torch.where(changed, 59, batch["input_ids"])
    assert not torch.equal(other["input_ids"], batch["input_ids"])
    before, after = model(**batch), model(**other)
    rest = batch["row_numbers"] != 3
    assert torch.equal(before.slot_logits[rest], after.slot_logits[rest])
    assert not torch.equal(before.slot_logits[~rest], after.slot_logits[~rest])
    rows = torch.arange(10) != 3
    torch.testing.assert_close(before.intent_logits[rows], after.intent_logits[rows])


def test_a_body_that_sees_past_the_mask_is_refused() -> None:
    # Attention in windows makes masks of its own.
    config = AutoConfig.for_model(
        "modernbert", **BODIES["modernbert"], local_attention=8, global_attn_every_n_layers=2
    )
    body = JointModel(JointConfig(body=config.to_dict(), intents=["a"], labels=["Other"])).body
    with pytest.raises(ConfigError) as refused:
        check_packing(body, 30, 64)
    assert "ModernBertModel cannot keep packed rows apart" in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("xlm", {"vocab_size": 60, "emb_dim": 32, "n_layers": 2, "n_heads": 2}),
        ("longformer", SIZES | {"attention_window": 8}),
    ],
)
def test_a_body_that_takes_no_such_mask_is_refused(kind: str, sizes: dict[str, Any]) -> None:
    body = AutoModel.from_config(AutoConfig.for_model(kind, **sizes))
    with pytest.raises(ConfigError) as refused:
        check_packing(body, 20, 48)
    assert "cannot keep packed rows apart" in str(refused.value)


def test_a_row_that_no_sequence_holds_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        check_packing(model_of("bert").body, 33, 32)
    assert "model.packing is 32, and the longest row has 33" in str(refused.value)


def packed(recipe: Recipe, **changes: Any) -> Recipe:
    values = recipe.model_dump(mode="json")
    for name, part in changes.items():
        values[name] |= part
    return parse_recipe(values, "packed")


def losses(run: RunFolder) -> list[float]:
    lines = [json.loads(line) for line in run.log.read_text().splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["encoder", "mt5 encoder"])
def test_a_run_on_packed_rows_learns_as_others_do(
    family: str, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    plain = train_run(recipes[family], task_data, tmp_path / "plain")
    run = train_run(packed(recipes[family], model={"packing": 128}), task_data, tmp_path / "packed")
    assert losses(run)[-1] < losses(run)[0]
    assert losses(run)[-1] == pytest.approx(losses(plain)[-1], rel=0.2)
    assert run.facts()["pieces"] == plain.facts()["pieces"]
    assert run.facts()["padding"] < 0.1


@pytest.mark.slow
def test_a_run_on_packed_rows_goes_on_where_it_was_stopped(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = packed(recipes["encoder"], model={"packing": 128}, training={"deterministic": True})
    whole = train_run(recipe, task_data, tmp_path / "whole")
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "cut")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_batches_of_all_numbers_of_rows_are_compiled_once(data: EncoderDataset) -> None:
    from torch._dynamo.utils import counters

    model = model_of("xlm-roberta")
    batches = PackedEncoderBatches(data, WIDTH)
    plan = plan_batches(data.lengths, epochs=2, seed=0, tokens=4 * WIDTH, packing=WIDTH)
    whole = [
        batches.__getitems__(rows)
        for rows, size in zip(plan.batches, plan.sizes, strict=True)
        if size == 4 * WIDTH
    ]
    assert len({len(batch["intent_labels"]) for batch in whole}) > 1
    expected = [model(**batch).loss.item() for batch in whole]
    torch._dynamo.reset()
    counters.clear()
    with compiled(model, wanted=True, one_shape=True):
        computed = [model(**batch).loss.item() for batch in whole]
    assert counters["stats"]["unique_graphs"] == 1
    torch._dynamo.reset()
    assert computed == pytest.approx(expected, rel=1e-4)


def test_what_is_learnt_beside_needs_rows_side_by_side(recipes: dict[str, Recipe]) -> None:
    with pytest.raises(ConfigError, match="cannot be learnt beside packed rows"):
        packed(recipes["encoder"], model={"packing": 64}, objective={"auxiliary": {"mlm": 0.1}})
