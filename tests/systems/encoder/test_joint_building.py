"""A configuration that does not fit is told before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest
from transformers import AutoConfig, AutoModel

from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.engine.base_models import check_lengths, most_positions
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.errors import ConfigError
from massive_kit.systems.encoder.joint_building import build_joint
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.recipe import EncoderModel

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer(["wake me up at five", "play some jazz"] * 20, 300)


@pytest.fixture(scope="module")
def inventory(demo_store: Store) -> Inventory:
    return demo_store.inventory


def build(tokenizer: Any, inventory: Inventory, **config: Any) -> JointModel:
    values = {"model_type": "bert", **SIZES, **config}
    recipe = EncoderModel(config=values, tokenizer="own")
    return build_joint(recipe, tokenizer, inventory, frozenset())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hidden_size", 97),
        ("num_attention_heads", 0),
        ("hidden_act", "nonsense"),
        ("hidden_size", "wide"),
    ],
)
def test_sizes_that_do_not_go_together_are_told(
    key: str, value: object, tokenizer: Any, inventory: Inventory
) -> None:
    with pytest.raises(ConfigError, match="the recipe's model cannot be built"):
        build(tokenizer, inventory, **{key: value})


def test_each_piece_needs_an_embedding(tokenizer: Any, inventory: Inventory) -> None:
    mismatch = rf"the tokenizer has {len(tokenizer)} subwords, the model 10 embeddings"
    with pytest.raises(ConfigError, match=mismatch):
        build(tokenizer, inventory, vocab_size=10)


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ({"model_type": "bert", **SIZES, "max_position_embeddings": 20}, 20),
        (
            {"model_type": "xlm-roberta", **SIZES, "max_position_embeddings": 20}
            | {"pad_token_id": 1},
            18,
        ),
        (
            {"model_type": "distilbert", "dim": 32, "hidden_dim": 64, "n_layers": 1, "n_heads": 2},
            512,
        ),
        ({"model_type": "modernbert", **SIZES}, None),
    ],
)
def test_positions_are_counted_as_the_model_counts_them(
    values: dict[str, Any], most: int | None
) -> None:
    kind = values["model_type"]
    rest = {key: value for key, value in values.items() if key != "model_type"}
    vocabulary = {} if kind == "modernbert" else {"vocab_size": 100}
    model = AutoModel.from_config(AutoConfig.for_model(kind, **rest, **vocabulary))
    assert most_positions(model) == most


def test_rows_longer_than_the_positions_are_told_and_texts_are_cut(
    tokenizer: Any, inventory: Inventory
) -> None:
    model = build(tokenizer, inventory, max_position_embeddings=12)
    assert model.config.max_pieces == 12
    check_lengths(model, 12, "model.max_length")
    with pytest.raises(ConfigError, match=r"13 subwords.*positions for 12.*model\.max_length=12"):
        check_lengths(model, 13, "model.max_length")
