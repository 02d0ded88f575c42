"""Encoders under `brackets`: `B-` on the subword that begins a span, `I-` on all that goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_split
from massive_kit.systems.encoder.joint_building import build_joint
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.labels_of_intents import labels_of_intents
from massive_kit.systems.encoder.recipe import EncoderModel
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.interface import Utterance
from massive_kit.systems.saving import save_model
from massive_kit.systems.subwords.placement import Placement

# So few subwords that most words are cut.
TOKENIZER = train_tokenizer(["play wake me at five today", "明日 五時 明日"] * 3, 40)


def encoded(store: Store) -> EncoderDataset:
    split = DataSplit(store, "train", ("en-US",))
    return encode_split(split, TOKENIZER, placement=Placement.raw_text, max_length=64)


def joint_model(inventory: Inventory) -> JointModel:
    body = AutoConfig.for_model(
        "bert",
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        vocab_size=len(TOKENIZER),
        pad_token_id=TOKENIZER.pad_token_id,
    )
    labels, intents = list(inventory.labels), list(inventory.intents)
    return JointModel(JointConfig(body=body.to_dict(), intents=intents, labels=labels))


def test_only_the_subword_that_speaks_for_a_token_begins_a_span(touching_store: Store) -> None:
    data, inventory = encoded(touching_store), touching_store.inventory
    assert inventory.scheme == "brackets"
    few, every = data.subword_labels(), data.subword_labels(inventory.continued(data.labels))
    assert (every[few != NO_LABEL] == few[few != NO_LABEL]).all()
    further = every[(few == NO_LABEL) & (every > 0)]
    assert len(further)
    # Read by its subwords alone, a row still has as many spans as are annotated.
    assert {inventory.labels[label][:2] for label in further} == {"I-"}
    begins = [i for i, label in enumerate(inventory.labels) if label.startswith("B-")]
    assert np.isin(every, begins).sum() == np.isin(data.labels, begins).sum() == 7


def test_a_slot_of_one_token_may_be_longer_in_joint_decoding(touching_store: Store) -> None:
    data, inventory = encoded(touching_store), touching_store.inventory
    allowed = labels_of_intents(data, inventory)
    names = {
        intent: {inventory.labels[label] for label in labels}
        for intent, labels in zip(inventory.intents, allowed, strict=True)
    }
    slots = ("SL:DATE_TIME", "date time", "time.start")
    assert names == {
        "IN:PLAY": {"Other", "B-song", "I-song"},
        "IN:STOP": {"Other"},
        "IN:CREATE/ALARM": {"Other", *(f"{mark}-{slot}" for slot in slots for mark in "BI")},
    }


@pytest.mark.parametrize("label", ["B-song", "I-song", "song"])
def test_tokens_on_one_subword_are_one_span(label: str, tmp_path: Path) -> None:
    # One label for all subwords: a `B-` for two characters on one subword begins one span, not two.
    inventory = Inventory(("a",), ("song",), {}, "runs" if label == "song" else "brackets")
    model = joint_model(inventory)
    with torch.no_grad():
        model.slots.layers[-1].bias[inventory.label_index[label]] = 1e3
    save_model(tmp_path / "model", model, TOKENIZER, inventory)
    system = EncoderSystem.load(tmp_path / "model", "fp32")
    (prediction,) = system.predict([Utterance("1", "ja-JP", "明日 五", ["明", "日", "五"])])
    expected = {
        "B-song": ["B-song", "I-song", "B-song"],
        # What IOB2 does not allow begins a span.
        "I-song": ["B-song", "I-song", "I-song"],
        "song": ["song"] * 3,
    }
    assert prediction.labels == expected[label]


def test_a_base_trained_under_runs_gives_its_body_alone(
    touching_store: Store, tmp_path: Path
) -> None:
    under_runs = Inventory(
        touching_store.inventory.intents, touching_store.inventory.slots, {}, "runs"
    )
    base = joint_model(under_runs)
    base.config.allowed_labels = [[0]] * len(under_runs.intents)
    save_model(tmp_path / "base", base, TOKENIZER, under_runs)
    recipe = EncoderModel(base=str(tmp_path / "base"))
    model = build_joint(recipe, TOKENIZER, touching_store.inventory, frozenset())
    assert model.config.labels == list(touching_store.inventory.labels)
    assert model.config.allowed_labels is None
    assert model.slots.layers[-1].out_features == 2 * len(under_runs.slots) + 1
    weights = dict(base.body.named_parameters())
    assert all(torch.equal(value, weights[name]) for name, value in model.body.named_parameters())


def test_a_model_of_before_schemes_is_one_of_runs(tmp_path: Path) -> None:
    inventory = Inventory(("a",), ("song",), {}, "runs")
    save_model(tmp_path / "model", joint_model(inventory), TOKENIZER, inventory)
    path = tmp_path / "model" / "inventory.json"
    path.write_text('{"intents": {"a": null}, "slots": ["song"]}')
    assert read_inventory(tmp_path / "model") == inventory
    assert EncoderSystem.load(tmp_path / "model").inventory.labels == ("Other", "song")
