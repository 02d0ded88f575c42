"""The encoder with joint heads as a kind."""

from __future__ import annotations

from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.kind import Kind, ModelCard

_LOADING = """\
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.encoder.system import EncoderSystem
print(*predict_texts(EncoderSystem.load("model"), ["wake me up at five"], "en-US"))"""

KIND = Kind(
    name="encoder",
    recipe=EncoderRecipe,
    architecture="encoder",
    card=ModelCard("transformers", _LOADING),
    prepare_path="massive_kit.systems.encoder.training:prepare",
    load_path="massive_kit.systems.encoder.system:load",
    configure_path="massive_kit.systems.encoder.configuring:configure",
    extra="train",
    prediction_keys=frozenset(
        {
            "inference.centring",
            "inference.label_rates",
            "inference.neighbours",
            "inference.neighbours.k",
            "inference.neighbours.temperature",
            "inference.neighbours.weight",
            "inference.transitions",
            "inference.transitions.weight",
            "model.placement",
            "training.eval_batch_tokens",
            "training.precision",
        }
    ),
    model_module="massive_kit.systems.encoder.joint_model",
    distributions=True,
    states_path="massive_kit.systems.encoder.distributions:check_states",
    portable_path="massive_kit.systems.encoder.portable:write",
    portable_kind="onnx_encoder",
    training_keys=frozenset(
        {
            "freeze",
            "label_pieces",
            "label_smoothing",
            "packing",
            "slot_loss",
            "subword_sampling",
            "trim_vocabulary",
        }
    ),
)
