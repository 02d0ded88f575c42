"""What the recipe of any model that writes its answers out says of the model."""

from __future__ import annotations

from pydantic import Field

from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.trained_recipe import TrainedRecipe


class TextModel(BaseModelSettings):
    """A model that writes the labels out.

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


class TextRecipe(TrainedRecipe):
    """The recipe of such a model."""

    model: TextModel
