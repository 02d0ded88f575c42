"""The recipe of a text-to-text model."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import field_validator

from massive_kit.schema.config import drop_neutral
from massive_kit.systems.text_answers.model_settings import TextRecipe

# Keys that mean something for a body with heads alone, with the value that changes nothing;
# recipes that earlier versions saved hold them.
_LAYERWISE = {"layer_decay": 1.0, "head_lr": 1.0}


class Seq2SeqRecipe(TextRecipe):
    """A text-to-text model; see `TextModel`."""

    kind: Literal["seq2seq"]

    @field_validator("optimiser", mode="before")
    @classmethod
    def _no_layerwise_rates(cls, value: Any) -> Any:
        return drop_neutral(value, _LAYERWISE, "a text-to-text model has one learning rate")
