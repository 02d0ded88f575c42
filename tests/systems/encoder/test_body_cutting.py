"""Bodies with some of the layers, or narrower ones, of larger bodies."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel, PreTrainedModel

from massive_kit.engine.encoder_bodies import new_body
from massive_kit.errors import ConfigError
from massive_kit.systems.encoder.body_cutting import with_feed_forward, with_layers
from massive_kit.systems.encoder.recipe import EncoderModel
from massive_kit.systems.freezing import body_layers

SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "vocab_size": 30,
}
MODERN = {
    "pad_token_id": 0,
    "bos_token_id": 1,
    "cls_token_id": 1,
    "eos_token_id": 2,
    "sep_token_id": 2,
}
T5 = {
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 24,
    "num_heads": 2,
    "num_layers": 4,
    "vocab_size": 30,
    "feed_forward_proj": "gated-gelu",
}
BODIES: dict[str, dict[str, Any]] = {
    "bert": SIZES,
    "xlm-roberta": SIZES | {"pad_token_id": 1},
    "modernbert": SIZES | MODERN,
    "mt5": T5,
}
IDS = torch.arange(3, 13).reshape(2, 5)


def some_body(kind: str) -> PreTrainedModel:
    torch.manual_seed(0)
    body = new_body(AutoConfig.for_model(kind, **BODIES[kind])).eval()
    with torch.no_grad():
        for parameter in body.parameters():
            parameter.normal_(0, 0.5)
    return body


@pytest.mark.parametrize("kind", BODIES)
def test_layers_that_are_left_out_are_passed_by(kind: str) -> None:
    body = some_body(kind)
    cut = with_layers(body, [0, 2]).eval()
    assert cut.config.num_hidden_layers == 2
    assert body.config.num_hidden_layers == 4
    layers = body_layers(body)
    # The same as the whole body, two of whose layers hand on what they are given.
    for place in (1, 3):
        layers[place].forward = _passing(kind)
    with torch.no_grad():
        expected = body(input_ids=IDS).last_hidden_state
        assert torch.equal(cut(input_ids=IDS).last_hidden_state, expected)


def _passing(kind: str) -> Any:
    if kind == "mt5":
        # A layer of this family hands on the bias of positions, too.
        return lambda hidden, _mask, bias, *_, **__: (hidden, bias, None)
    return lambda hidden, *_, **__: hidden


def test_a_cut_body_is_read_again_as_it_was_saved(tmp_path: Any) -> None:
    cut = with_feed_forward(with_layers(some_body("xlm-roberta"), [1, 3]), 8).eval()
    cut.save_pretrained(tmp_path)
    again = AutoModel.from_pretrained(tmp_path, add_pooling_layer=False).eval()
    with torch.no_grad():
        first, second = (model(input_ids=IDS).last_hidden_state for model in (cut, again))
    assert torch.equal(first, second)


@pytest.mark.parametrize("kind", ["bert", "mt5"])
def test_units_without_weight_are_those_that_go(kind: str) -> None:
    body = some_body(kind)
    dead = torch.randperm(24)[:10]
    with torch.no_grad():
        for name, parameter in body.named_parameters():
            if parameter.shape[-1] == 24 and parameter.dim() == 2:
                parameter[:, dead] = 0
            assert name
        expected = body(input_ids=IDS).last_hidden_state
        cut = with_feed_forward(body, 14).eval()
        actual = cut(input_ids=IDS).last_hidden_state
    torch.testing.assert_close(actual, expected)
    assert cut.num_parameters() < body.num_parameters()


def test_what_cannot_be_cut_is_told() -> None:
    with pytest.raises(ConfigError, match=r"model\.layers names 4; expected 0 to 3"):
        with_layers(some_body("bert"), [0, 4])
    with pytest.raises(ConfigError, match="the first layer of such a body is its own"):
        with_layers(some_body("mt5"), [1, 2])
    with pytest.raises(ConfigError, match=r"model\.feed_forward is 24; expected less than 24"):
        with_feed_forward(some_body("bert"), 24)
    with pytest.raises(ConfigError, match="a modernbert does not show which weights"):
        with_feed_forward(some_body("modernbert"), 8)


def test_from_is_short_for_base_and_layers() -> None:
    short = EncoderModel.model_validate({"from": {"run": "runs/teacher", "layers": [0, 2]}})
    assert (short.base, short.layers) == ("runs/teacher", (0, 2))
    written = short.model_dump(mode="json")
    assert "from" not in written
    assert "origin" not in written
    assert EncoderModel.model_validate(written).layers == (0, 2)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"from": {"run": "a"}, "base": "b"}, "base and from are both set"),
        ({"from": {"run": "a", "base": "a"}}, r"from\.base and from are both set"),
        ({"from": {"run": "a", "layer": [1]}}, "layer"),
        ({"base": "a", "layers": [2, 0]}, r"layers: \[2, 0\] is not ascending"),
        ({"base": "a", "layers": [0, 2], "layer": 1}, "layer: the heads of some layers alone"),
        (
            {"config": {"model_type": "bert"}, "tokenizer": "t", "layers": [0]}
            | {"vocabulary": "trimmed"},
            "layers and vocabulary: of a base, and there is none",
        ),
    ],
)
def test_what_does_not_go_together_is_told(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        EncoderModel.model_validate(values)
