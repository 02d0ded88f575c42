"""The recipe of pre-training on text without labels."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.schema.config import drop_neutral
from massive_kit.schema.freeze import Freeze
from massive_kit.schema.metrics import DEFAULT_METRIC
from massive_kit.schema.optimiser import Optimiser
from massive_kit.schema.task import Architecture
from massive_kit.schema.text_locales import TextLocales
from massive_kit.systems.trained_recipe import TrainedRecipe


class PretrainingModel(BaseModelSettings):
    """A model that learns from text.

    Attributes:
        architecture: What it is: `encoder` learns by the objectives mlm, deshuffling and contrast,
            `seq2seq` by denoising and deshuffling, `decoder` by causal.
        max_length: Most subwords of a text; longer ones are cut.
        freeze: What keeps its pre-trained weights; of a text-to-text model, layers of its encoder.
        trim_vocabulary: Whether embeddings and softmax are cut to the subwords that occur, which
            saves memory and much time; the saved model has all of them, those that do not occur as
            they were.
    """

    architecture: Literal["encoder", "seq2seq", "decoder"]
    max_length: int = Field(default=128, ge=8)
    freeze: Freeze = Freeze()
    trim_vocabulary: bool = True


class PretrainingOptimiser(Optimiser):
    """AdamW for a model that goes on learning.

    Attributes:
        head_lr: Factor on the learning rate of an encoder's head.
        head_steps: For so many steps the head of an encoder is trained alone, where it is a fresh
            one; the rest warms up after them. Models that learnt by masked words (XLM-R, BERT) and
            runs of this kind bring their head along.
        pull: Weight of the pull towards the start weights (L2-SP): half the squared distance of all
            trained weights but the head's, times this, is added to the loss. 0 for none; 0.01 is a
            light one, 3 a strong one.
    """

    head_lr: float = Field(default=1.0, gt=0)
    head_steps: int = Field(default=0, ge=0)
    pull: float = Field(default=0.0, ge=0)


class PretrainingRecipe(TrainedRecipe):
    """Pre-training on text without labels; see `PretrainingModel`.

    The checkpoint with the lowest perplexity of dev text is kept; of an encoder that learns by
    `contrast`, that which finds most translations among dev text.

    Attributes:
        text: Whose text is read: that of the locales that the `task` trains on, of `all` that the
            data have, or of a list of locales. Text of languages whose labels a task does not give
            is the resource `unlabelled-text`. Of pairs, `objective.pairs.locales` says it.
        optimiser: AdamW, its schedule, and how the start weights are kept.
    """

    uses_labels: ClassVar[bool] = False

    kind: Literal["pretraining"]
    model: PretrainingModel
    text: TextLocales = "task"
    optimiser: PretrainingOptimiser = PretrainingOptimiser()

    @field_validator("training", mode="before")
    @classmethod
    def _no_metric(cls, value: Any) -> Any:
        reason = "a model that learns from text is selected by the perplexity of dev text"
        return drop_neutral(value, {"metric": DEFAULT_METRIC}, reason)

    @model_validator(mode="after")
    def _heads_are_of_encoders(self) -> Self:
        settings = self.optimiser
        if self.model.architecture != "encoder" and (settings.head_steps or settings.head_lr != 1):
            raise ValueError("optimiser.head_lr and head_steps: only an encoder has a head")
        return self

    @model_validator(mode="after")
    def _pairs_say_whose(self) -> Self:
        if self.reads_pairs() and self.text != "task":
            raise ValueError(f"text: {self.objective.name} reads that of objective.pairs.locales")
        return self

    @model_validator(mode="after")
    def _pairs_alone_take_no_turns(self) -> Self:
        if self.objective.name == "contrast" and self.objective.settings.get("alternate"):
            raise ValueError("objective.settings.alternate: there is no task to take turns with")
        return self

    def text_locales(self) -> TextLocales:
        """Whose text it reads."""
        pairs = self.objective.pairs
        return pairs.locales if self.reads_pairs() and pairs is not None else self.text

    def trained_architecture(self) -> Architecture:
        """As the recipe says."""
        return self.model.architecture
