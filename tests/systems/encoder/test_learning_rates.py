"""The learning rate of each layer and head, and what freezing leaves out, in numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModel

from massive_kit.engine.optimiser import new_optimiser
from massive_kit.errors import ConfigError
from massive_kit.schema.freeze import Freeze
from massive_kit.schema.optimiser import LayerwiseOptimiser
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.learning_rates import rate_factor
from massive_kit.systems.freezing import freeze

TOKENS = "body.embeddings.tok_embeddings.weight"
BODIES = {
    "bert": {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32},
    "modernbert": {
        "hidden_size": 16,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "cls_token_id": 1,
        "eos_token_id": 2,
        "sep_token_id": 2,
    },
    "mt5": {"d_model": 16, "d_kv": 4, "d_ff": 32, "num_heads": 4},
}


# Of a layer, not of what stands within one.
LAYER = re.compile(r"^body\.(?:encoder\.)?(?:layer|layers|block)\.(\d+)\.")


def model(kind: str) -> JointModel:
    layers = {"num_layers" if kind == "mt5" else "num_hidden_layers": 3}
    body = AutoConfig.for_model(kind, vocab_size=50, **layers, **BODIES[kind])
    return JointModel(JointConfig(body=body.to_dict(), intents=["a", "b"], labels=["Other", "x"]))


def rates(joint: JointModel, settings: LayerwiseOptimiser) -> dict[str, float]:
    """The learning rate that the optimiser holds for each trained parameter."""
    names = {id(parameter): name for name, parameter in joint.named_parameters()}
    optimiser = new_optimiser(joint, settings, rate_factor(names.values(), settings))
    return {
        names[id(parameter)]: group["lr"]
        for group in optimiser.param_groups
        for parameter in group["params"]
    }


@pytest.mark.parametrize(
    ("kind", "layer", "embeddings", "last_norm"),
    [
        ("bert", "body.encoder.layer.{}.", "body.embeddings.word_embeddings.weight", None),
        (
            "modernbert",
            "body.layers.{}.",
            "body.embeddings.tok_embeddings.weight",
            "body.final_norm",
        ),
        ("mt5", "body.encoder.block.{}.", "body.shared.weight", "body.encoder.final_layer_norm"),
    ],
)
def test_layers_decay_downwards_and_heads_have_their_own_factor(
    kind: str, layer: str, embeddings: str, last_norm: str | None
) -> None:
    settings = LayerwiseOptimiser(lr=1e-3, layer_decay=0.5, head_lr=3)
    by_name = rates(model(kind), settings)
    for number, expected in enumerate((0.25e-3, 0.5e-3, 1e-3)):
        of_layer = {rate for name, rate in by_name.items() if name.startswith(layer.format(number))}
        assert list(of_layer) == [pytest.approx(expected)]
    assert by_name[embeddings] == pytest.approx(0.125e-3)
    heads = {rate for name, rate in by_name.items() if name.startswith(("intent.", "slots."))}
    assert list(heads) == [pytest.approx(3e-3)]
    if last_norm:
        assert by_name[f"{last_norm}.weight"] == pytest.approx(1e-3)
    assert len(by_name) == len([*model(kind).named_parameters()])


def test_hidden_layers_of_heads_are_no_layers_of_the_body() -> None:
    config = model("bert").config
    config.intent_head = config.slot_head = {"layers": 3}
    by_name = rates(JointModel(config), LayerwiseOptimiser(lr=1e-3, layer_decay=0.5))
    assert by_name["intent.layers.10.weight"] == 1e-3
    assert by_name["body.encoder.layer.2.output.dense.weight"] == 1e-3
    assert by_name["body.embeddings.word_embeddings.weight"] == pytest.approx(0.125e-3)


def test_rates_do_not_decay_where_names_number_no_layers() -> None:
    names = ["body.embeddings.weight", "body.attentions.0.q_lin.weight", "slots.layers.1.weight"]
    with pytest.raises(ConfigError) as error:
        rate_factor(names, LayerwiseOptimiser(layer_decay=0.9))
    assert "layer_decay is 0.9" in str(error.value.problems[0])
    factor = rate_factor(names, LayerwiseOptimiser(head_lr=2))
    assert [factor(name) for name in names] == [1.0, 1.0, 2.0]


def test_without_factors_all_rates_are_one() -> None:
    assert {*rates(model("bert"), LayerwiseOptimiser(lr=2e-4)).values()} == {2e-4}


def test_biases_and_norms_do_not_decay() -> None:
    joint = model("bert")
    optimiser = new_optimiser(joint, LayerwiseOptimiser(weight_decay=0.3))
    for group in optimiser.param_groups:
        matrices = {parameter.ndim >= 2 for parameter in group["params"]}
        assert matrices == {group["weight_decay"] == 0.3}


def trained(joint: JointModel) -> set[str]:
    return {name for name, parameter in joint.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_frozen_layers_and_all_below_them_keep_their_weights(kind: str) -> None:
    joint = model(kind)
    freeze(joint.body, Freeze(layers=2))
    left = trained(joint)
    layers = {int(match[1]) for name in left if (match := LAYER.search(name))}
    assert layers == {2}
    assert not any("embed" in name or "shared" in name for name in left)
    assert {name.partition(".")[0] for name in left} == {"body", "intent", "slots"}
    before = {name: value.detach().clone() for name, value in joint.named_parameters()}
    optimiser = new_optimiser(joint, LayerwiseOptimiser(lr=0.1, weight_decay=0.5))
    ids = torch.tensor([[1, 5, 6, 2]])
    labels = torch.tensor([[0, 1, 0, 1]])
    joint(ids, torch.ones_like(ids), intent_labels=torch.tensor([1]), slot_labels=labels)[
        "loss"
    ].backward()
    optimiser.step()
    changed = {
        name for name, value in joint.named_parameters() if not torch.equal(value, before[name])
    }
    assert changed <= left
    assert any(name.startswith("body.") for name in changed)


SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "pad_token_id": 1,
}
GPT = {"n_embd": 16, "n_layer": 2, "n_head": 2}
OPT = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "ffn_dim": 32,
    "word_embed_proj_dim": 16,
}
MBART = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
}
DEBERTA = {
    "relative_attention": True,
    "norm_rel_ebd": "layer_norm",
    "pos_att_type": "c2p|p2c",
    "position_buckets": 8,
}


@pytest.mark.parametrize(
    ("kind", "sizes", "above"),
    [
        ("xlm-roberta", SMALL, set()),
        ("xlm-roberta-xl", SMALL, {"encoder.LayerNorm"}),
        ("megatron-bert", SMALL, {"encoder.ln"}),
        ("roberta-prelayernorm", SMALL, {"LayerNorm"}),
        ("esm", SMALL, {"encoder.emb_layer_norm_after"}),
        # Its norm is that of relative positions.
        ("deberta-v2", SMALL | DEBERTA, set()),
        ("gpt2", GPT, {"ln_f"}),
        ("opt", OPT, {"decoder.final_layer_norm"}),
        # Its layers have a norm called final each, and one of embeddings stands after them.
        ("mbart", MBART, {"encoder.layer_norm"}),
    ],
)
def test_above_frozen_layers_is_the_norm_after_the_last(
    kind: str, sizes: dict[str, Any], above: set[str]
) -> None:
    body = AutoModel.from_config(AutoConfig.for_model(kind, vocab_size=50, **sizes))
    encoder = body.get_encoder() if kind == "mbart" else body
    freeze(encoder, Freeze(layers=2))
    left = {name for name, parameter in body.named_parameters() if parameter.requires_grad}
    of_decoder = {name for name in left if kind == "mbart" and not name.startswith("encoder.")}
    assert {name.rpartition(".")[0] for name in left - of_decoder} == above


def test_frozen_parameters_are_named_exactly() -> None:
    joint = model("bert")
    name = "encoder.layer.2.attention.self.query.weight"
    freeze(joint.body, Freeze(parameters=[name]))
    assert {name for name, _ in joint.named_parameters()} - trained(joint) == {f"body.{name}"}
    with pytest.raises(ConfigError, match=r"no parameter 'encoder\.layer\.2'"):
        freeze(joint.body, Freeze(parameters=["encoder.layer.2"]))
    with pytest.raises(ConfigError, match="at most 3"):
        freeze(joint.body, Freeze(layers=4))
