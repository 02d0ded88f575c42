"""A language adversary: a classifier tells languages apart by a vector, which learns to hide them.

The classifier's gradient is turned round on its way into the encoder (Ganin and Lempitsky 2015),
and grows from nothing, since it is of no use before the classifier has learnt something. What keeps
vectors from losing all else is the task beside it: Adams et al. 2019 train both as a pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "languages"


class Settings(Strict):
    """Where vectors are read, and how the adversary comes in.

    Attributes:
        layer: The layer whose mean vector is classified, counted from 0; `last` is the encoder's
            output.
        ramp: After how many batches the reversed gradient has grown to its full weight, as
            2 / (1 + exp(-10 p)) - 1 where p goes from 0 to 1; 0 has it full from the start.
    """

    layer: int | Literal["last"] = "last"
    ramp: int = Field(default=1000, ge=0)


def build(settings: Settings) -> Objective:
    """The loss that the model computes for the languages of text, the mean over texts."""
    del settings
    return own_loss
