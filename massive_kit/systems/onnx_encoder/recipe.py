"""The recipe of an exported encoder: what the run was that it was made of, and how it is run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.subwords.placement import Placement

Size = Annotated[int, Field(ge=1, le=1_000_000)]


class ExportedModel(Strict):
    """What the run's recipe says of its model, and how its numbers are kept.

    Attributes:
        base: What the run started from.
        precision: `float32`, or `int8` where some of its weights are 8-bit integers.
        pooling: What the intent is read from.
        placement: Which subword speaks for a token.
        label_pieces: Which subwords of a token carried its label in training.
        joint_decoding: Whether intent and slots are read together.
        products: Inputs and outputs of each product with weights.
    """

    base: str | None = None
    precision: Literal["float32", "int8"] = "float32"
    pooling: Literal["first", "mean", "max"]
    placement: Placement
    label_pieces: Literal["one", "all"]
    joint_decoding: bool
    products: list[tuple[Size, Size]] = Field(default=[], max_length=10_000)


class OnnxEncoderRecipe(Recipe):
    """An encoder that `massive-kit export onnx` made of a run; it is not trained.

    Attributes:
        model: What it was made of.
        threads: How many threads compute it; as many as there are cores by default.
    """

    kind: Literal["onnx_encoder"]
    model: ExportedModel
    threads: int | None = Field(default=None, ge=1, le=1024)
