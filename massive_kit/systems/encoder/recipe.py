"""The recipe of an encoder with joint heads."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.schema.config import Strict
from massive_kit.schema.freeze import Freeze
from massive_kit.schema.optimiser import LayerwiseOptimiser
from massive_kit.schema.recipe import Base
from massive_kit.schema.resources import Resource
from massive_kit.schema.task import Architecture
from massive_kit.systems.encoder.inference_settings import Inference
from massive_kit.systems.subwords.placement import Placement
from massive_kit.systems.trained_recipe import TrainedRecipe


class Head(Strict):
    """A classifier on top of the encoder.

    Attributes:
        layers: Hidden layers before the last linear layer; 0 for a linear classifier.
        width: Width of the hidden layers; that of the encoder if not given.
        activation: Activation after each hidden layer.
        dropout: Dropout rate before every linear layer.
    """

    layers: int = Field(default=0, ge=0, le=8)
    width: int | None = Field(default=None, ge=1)
    activation: Literal["gelu", "elu", "tanh", "relu"] = "gelu"
    dropout: float = Field(default=0.1, ge=0, lt=1)


class EncoderModel(BaseModelSettings):
    """An encoder body with a head for intents and one for slots.

    Attributes:
        placement: Which subword speaks for a token.
        label_pieces: Which subwords of a token carry its label in training: the `one` that speaks
            for it, or `all` of them, where all but that one carry `I-slot` instead of `B-slot`.
        subword_sampling: With a value above 0, each epoch cuts the training text into other
            subwords, drawn by their unigram probability to this power (Kudo 2018; 0.3 to 0.7 are
            usual); 0 always takes the best cut.
        max_length: Most subwords of an utterance; longer ones are cut.
        pooling: What the intent is read from: the first subword, or the mean or maximum over the
            subwords of the text.
        layer: The layer that both heads read, counted from 0; `last` is the body's output.
        intent: The head for intents.
        slots: The head for slots.
        heads: `new` ones with random weights; or, where `base` is a run of this kind, those of the
            `base`, label by label, so that training goes on where it ended. What the base's
            training rows showed together may then be predicted together, too.
        slot_loss: Weight of the slot loss where the intent loss has weight 1.
        joint_decoding: Whether an intent and a slot that never occur together in the training rows
            are never predicted together.
        label_smoothing: Share of a label's weight that is spread over all labels, for both losses.
        freeze: What keeps its pre-trained weights.
        trim_vocabulary: Whether only the embedding rows that occur are trained, which saves memory
            and time; the saved model is the same.
    """

    placement: Placement = Placement.raw_text
    label_pieces: Literal["one", "all"] = "one"
    subword_sampling: float = Field(default=0.0, ge=0, le=10)
    max_length: int = Field(default=512, ge=8)
    pooling: Literal["first", "mean", "max"] = "mean"
    layer: int | Literal["last"] = "last"
    intent: Head = Head()
    slots: Head = Head()
    heads: Literal["new", "base"] = "new"
    slot_loss: float = Field(default=1.0, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    joint_decoding: bool = False
    freeze: Freeze = Freeze()
    trim_vocabulary: bool = True


class EncoderRecipe(TrainedRecipe):
    """An encoder with joint heads; see `EncoderModel`.

    Attributes:
        inference: How it predicts; nothing but its own logits by default.
    """

    learns_text_beside: ClassVar[Architecture | None] = "encoder"

    kind: Literal["encoder"]
    model: EncoderModel
    optimiser: LayerwiseOptimiser = LayerwiseOptimiser()
    inference: Inference = Inference()

    def bases(self) -> tuple[Base, ...]:
        """What its model starts from, and what finds neighbours."""
        neighbours = self.inference.neighbours
        searchers = (
            () if neighbours is None else (Base("inference.neighbours.base", neighbours.base),)
        )
        return (*super().bases(), *searchers)

    def resources(self) -> tuple[Resource, ...]:
        """The text that vectors of neighbours, or its own, are centred by."""
        neighbours = self.inference.neighbours
        centring = (self.inference.centring, None if neighbours is None else neighbours.centring)
        centred = any(text is not None for text in centring)
        return (*super().resources(), *(("unlabelled-text",) if centred else ()))
