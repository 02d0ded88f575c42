"""Supervised contrast: utterances of one intent are nearer to each other than to others.

The loss is that of Khosla et al. 2020 (the sum outside of the logarithm) over the rows of the
task's own batch. A row whose intent no other row of the batch has teaches nothing by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "labels"


class Settings(Strict):
    """Where vectors are read, and how they are compared.

    Attributes:
        layer: The layer whose mean vectors are compared, counted from 0; `last` is the encoder's
            output.
        temperature: What cosines are divided by.
    """

    layer: int | Literal["last"] = "last"
    temperature: float = Field(default=0.1, gt=0)


def build(settings: Settings) -> Objective:
    """The loss that the model computes for the rows of a batch, their mean."""
    del settings
    return own_loss
