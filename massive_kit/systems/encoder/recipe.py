"""The recipe of an encoder with joint heads."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.schema.config import Strict
from massive_kit.schema.optimiser import LayerwiseOptimiser
from massive_kit.systems.encoder.placement import Placement
from massive_kit.systems.trained_recipe import TrainedRecipe


class Head(Strict):
    """A classifier on top of the encoder.

    Attributes:
        layers: Hidden layers before the last linear one.
        width: Of the hidden layers; the encoder's width if not given.
        activation: Between them.
        dropout: Before every linear layer.
    """

    layers: int = Field(default=0, ge=0, le=8)
    width: int | None = Field(default=None, ge=1)
    activation: Literal["gelu", "elu", "tanh", "relu"] = "gelu"
    dropout: float = Field(default=0.1, ge=0, lt=1)


class Freeze(Strict):
    """What keeps its pre-trained weights.

    Attributes:
        embeddings: The word embeddings.
        layers: How many of the lowest layers, with everything below them.
        parameters: Further parameters, by exact name within the body.
    """

    embeddings: bool = False
    layers: int = Field(default=0, ge=0)
    parameters: list[str] = []


class EncoderModel(BaseModelSettings):
    """An encoder body with a head for intents and one for slots.

    Attributes:
        placement: Which subword speaks for a token.
        label_pieces: Which subwords of a token carry its label in training: the `one` that speaks
            for it, or `all` of them.
        subword_sampling: Each epoch cuts the training text into other subwords, drawn by their
            unigram probability to this power (Kudo 2018; 0.3 to 0.7 are usual); 0 takes the best
            cut always.
        max_length: Most subwords an utterance may have.
        pooling: What the intent is read from: the first subword, or the mean or maximum over the
            text's subwords.
        layer: Which layer both heads read, from 0; `last` is the body's output.
        intent: The intent head.
        slots: The slot head.
        slot_loss: Weight of the slots' loss against the intent's.
        joint_decoding: An intent and a slot that never stand together in the training rows are not
            predicted together.
        label_smoothing: Share of a label's weight that goes to all labels.
        freeze: What is not trained.
        trim_vocabulary: Train only the embedding rows that occur; the saved model is the same.
    """

    placement: Placement = Placement.raw_text
    label_pieces: Literal["one", "all"] = "one"
    subword_sampling: float = Field(default=0.0, ge=0, le=10)
    max_length: int = Field(default=512, ge=8)
    pooling: Literal["first", "mean", "max"] = "mean"
    layer: int | Literal["last"] = "last"
    intent: Head = Head()
    slots: Head = Head()
    slot_loss: float = Field(default=1.0, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    joint_decoding: bool = False
    freeze: Freeze = Freeze()
    trim_vocabulary: bool = True


class EncoderRecipe(TrainedRecipe):
    """An encoder with joint heads; see `EncoderModel`."""

    kind: Literal["encoder"]
    model: EncoderModel
    optimiser: LayerwiseOptimiser = LayerwiseOptimiser()
