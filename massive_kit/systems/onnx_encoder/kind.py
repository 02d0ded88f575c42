"""The exported encoder as a kind."""

from __future__ import annotations

from massive_kit.systems.kind import Kind, ModelCard
from massive_kit.systems.onnx_encoder.recipe import OnnxEncoderRecipe

_LOADING = """\
from pathlib import Path
from massive_kit.runs.predicting import predict_texts
from massive_kit.systems.onnx_encoder.system import OnnxEncoderSystem
print(*predict_texts(OnnxEncoderSystem.load(Path("model")), ["wake me up at five"], "en-US"))"""

KIND = Kind(
    name="onnx_encoder",
    recipe=OnnxEncoderRecipe,
    architecture="encoder",
    # No other recipe can start from it.
    card=ModelCard("onnx", _LOADING, weights=False),
    prepare_path="",
    load_path="massive_kit.systems.onnx_encoder.system:load",
    made_by="train that, then `massive-kit export onnx RUN --out DIR`",
    extra="deploy",
    prediction_keys=frozenset({"threads"}),
)
