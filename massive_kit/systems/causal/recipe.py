"""The recipe of a fine-tuned decoder."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from massive_kit.schema.config import Strict
from massive_kit.systems.text_answers.model_settings import TextModel, TextRecipe


class Lora(Strict):
    """Low-rank adapters beside the weights of layers, which stay as they are.

    Attributes:
        rank: Rank of the adapters.
        alpha: What an adapter adds is scaled by alpha / rank.
        dropout: On what an adapter reads.
        targets: Which layers get one: `all-linear` for all linear ones but the output, or a list of
            names as the model calls them, such as `[q_proj, v_proj]`.
    """

    rank: int = Field(default=16, ge=1, le=4096)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: Literal["all-linear"] | list[str] = "all-linear"


class CausalModel(TextModel):
    """A decoder that writes the labels after the utterance.

    Attributes:
        separator: Text between an utterance and its answer.
        lora: Adapters to train in the place of the weights; without it, all weights are trained.
        merge: Whether the adapters are added to the weights when the model is saved, so that it is
            whole by itself; without it they are saved alone, and need their base where it is.
        packing: Most subwords of a sequence into which several rows are packed, none of which sees
            another; without it, each row is filled up to the longest of its batch.
        gradient_checkpointing: Whether layers are computed a second time in the backward pass, in
            less memory and about a third more time.
    """

    separator: str = Field(default="\n", min_length=1)
    lora: Lora | None = None
    merge: bool = False
    packing: int | None = Field(default=None, ge=16)
    gradient_checkpointing: bool = False

    @model_validator(mode="after")
    def _adapters_have_a_base(self) -> Self:
        if self.lora is not None and self.base is None:
            raise ValueError("lora: adapters need a base; take them away with model.lora=null")
        if self.merge and self.lora is None:
            raise ValueError("merge: there are no adapters to merge; set model.lora")
        if self.lora is not None and not self.lora.targets:
            raise ValueError("lora.targets: no layer is named")
        return self


class CausalRecipe(TextRecipe):
    """A decoder-only language model; see `CausalModel`."""

    kind: Literal["causal"]
    model: CausalModel

    def answers_alone(self) -> bool:
        """Adapters are of no use without their base, which stands elsewhere."""
        return self.model.lora is None or self.model.merge
