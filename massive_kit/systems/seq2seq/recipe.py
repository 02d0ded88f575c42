"""The recipe of a text-to-text model."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.schema.config import drop_neutral
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.trained_recipe import TrainedRecipe

# Keys that mean something for a body with heads alone, with the value that changes nothing;
# recipes that earlier versions saved hold them.
_LAYERWISE = {"layer_decay": 1.0, "head_lr": 1.0}


class Seq2SeqModel(BaseModelSettings):
    """A text-to-text model that writes the labels out.

    Attributes:
        format: How labels are written as text.
        constrained: Whether decoding is held to what can be read back: labels of the inventory, one
            for each token.
        beams: Beams of the decoding search; 1 is greedy.
        max_input: Most subwords of an input; longer ones are cut.
        max_output: Most subwords of an output, where decoding is not constrained.
    """

    format: TextFormat = TextFormat()
    constrained: bool = True
    beams: int = Field(default=1, ge=1, le=32)
    max_input: int = Field(default=512, ge=8)
    max_output: int = Field(default=512, ge=8)


class Seq2SeqRecipe(TrainedRecipe):
    """A text-to-text model; see `Seq2SeqModel`."""

    kind: Literal["seq2seq"]
    model: Seq2SeqModel

    @field_validator("optimiser", mode="before")
    @classmethod
    def _no_layerwise_rates(cls, value: Any) -> Any:
        return drop_neutral(value, _LAYERWISE, "a text-to-text model has one learning rate")
