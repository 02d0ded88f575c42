"""The recipe of an encoder with joint heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from massive_kit.schema.base_model import BaseModelSettings, TokenizerTraining
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


class LayersOf(Strict):
    """What a student starts from, in one place.

    Attributes:
        run: The run of the kit, written as `model.base`.
        base: Another base, in the place of `run`; written as `model.base`.
        layers: The layers that it takes, written as `model.layers`.
    """

    run: str | None = None
    base: str | None = None
    layers: tuple[int, ...] | None = None


class EncoderModel(BaseModelSettings):
    """An encoder body with a head for intents and one for slots.

    Attributes:
        origin: In a recipe's file, `from: {run: RUN, layers: [0, 2, 4]}` is short for `base` and
            `layers`.
        layers: Which layers of the base make up the body, counted from 0, ascending; all if not
            given.
        feed_forward: Width of the feed-forward part of every layer, less than the base has: the
            units with the largest weights stay. As the base has it if not given.
        vocabulary: Whether the `whole` vocabulary of the base is saved, or a `trimmed` one with its
            own tokenizer: the subwords of the text that the recipe reads, and all that are one
            letter; or how many of these, the most frequent, where rarer ones are cut into smaller
            ones. A task's dev and test text has no say in it.
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
        packing: Subwords of a sequence into which training rows of any length are packed, none of
            which sees another: nearly no padding, and batches of one shape. Without it, rows stand
            beside rows of like length and are filled up to the longest of their batch.
        trim_vocabulary: Whether only the embedding rows that occur are trained, which saves memory
            and time; the saved model is the same.
    """

    origin: LayersOf | None = Field(default=None, alias="from", exclude=True)
    layers: tuple[Annotated[int, Field(ge=0)], ...] | None = Field(default=None, min_length=1)
    feed_forward: int | None = Field(default=None, ge=1)
    vocabulary: Literal["whole", "trimmed"] | Annotated[int, Field(ge=1)] = "whole"
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
    packing: int | None = Field(default=None, ge=16)
    trim_vocabulary: bool = True

    @model_validator(mode="before")
    @classmethod
    def _start_in_one_place(cls, values: Any) -> Any:
        """Writes what `from` says where the rest reads it."""
        origin = values.get("from") if isinstance(values, dict) else None
        if not isinstance(origin, dict):
            return values
        named = {
            "base": origin.get("run") or origin.get("base"),
            "layers": origin.get("layers"),
        }
        twice = [key for key in named if values.get(key) not in (None, named[key])]
        if origin.get("run") and origin.get("base"):
            twice.append("from.base")
        if twice:
            raise ValueError(f"{' and '.join(twice)} and from are both set; give one of them")
        # What is checked there, too, is named as it stands in the file.
        return values | {key: value for key, value in named.items() if value is not None}

    @model_validator(mode="after")
    def _cuts_a_base(self) -> Self:
        cuts = {"layers": self.layers, "feed_forward": self.feed_forward}
        asked = [key for key, value in cuts.items() if value is not None]
        asked += ["vocabulary"] if self.vocabulary != "whole" else []
        if asked and self.base is None:
            raise ValueError(f"{' and '.join(asked)}: of a base, and there is none")
        if self.layers is not None and [*self.layers] != sorted({*self.layers}):
            raise ValueError(f"layers: {[*self.layers]} is not ascending")
        if self.layers is not None and self.layer != "last":
            raise ValueError("layer: the heads of some layers alone read the last of them")
        return self


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

    @model_validator(mode="after")
    def _cuts_have_probabilities(self) -> Self:
        """A tokenizer that is trained is one of byte pairs; one that is named is seen later."""
        asked = ["objective.auxiliary.consistency"] * ("consistency" in self.objective.auxiliary)
        asked += ["model.subword_sampling"] * bool(self.model.subword_sampling)
        if asked and isinstance(self.model.tokenizer, TokenizerTraining):
            raise ValueError(
                f"{' and '.join(asked)} with a BPE tokenizer, which is what is trained; name a"
                " unigram tokenizer in model.tokenizer, such as that of XLM-R or mT5"
            )
        return self

    @model_validator(mode="after")
    def _packed_rows_are_learnt_alone(self) -> Self:
        if self.model.packing is not None and self.objective.auxiliary:
            raise ValueError(
                f"objective.auxiliary: {', '.join(self.objective.auxiliary)} cannot be learnt"
                " beside packed rows; take them or model.packing away"
            )
        return self

    def goes_on(self) -> bool:
        """Whether its heads are those of its base."""
        return self.model.heads == "base"

    def bases(self) -> tuple[Base, ...]:
        """What its model starts from, and what finds neighbours."""
        neighbours = self.inference.neighbours
        searchers = (
            () if neighbours is None else (Base("inference.neighbours.base", neighbours.base),)
        )
        return (*super().bases(), *searchers)

    def resources(self) -> tuple[Resource, ...]:
        """The text that vectors of neighbours, or its own, are centred by, or labels moved by."""
        return (*super().resources(), *(("unlabelled-text",) if self.text_partitions() else ()))

    def text_partitions(self) -> Mapping[str, str]:
        """That of each such text."""
        inference, neighbours = self.inference, self.inference.neighbours
        texts = {
            "inference.centring": inference.centring,
            "inference.label_rates": inference.label_rates,
            "inference.neighbours.centring": None if neighbours is None else neighbours.centring,
        }
        return {f"{key}.partition": text.partition for key, text in texts.items() if text}
