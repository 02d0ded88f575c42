"""Contrast between translations: an utterance is nearer to its own than to those of others.

The loss is InfoNCE (van den Oord, Li and Vinyals 2018) in both directions, with the other pairs of
the batch as what an utterance is told from, on mean vectors of one layer. Alignment of a middle
layer beside a task is from Liu and Niehues 2025.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "pairs"
METRIC = "retrieval"


class Settings(Strict):
    """Where vectors are read, and how they are compared.

    Attributes:
        layer: The layer whose vectors are compared, counted from 0; `last` is the encoder's output.
        temperature: What cosines are divided by; the lower, the more the nearest of the others
            count.
        pairs: How many pairs a step reads beside a task; alone, as many as the batch has room for.
        alternate: Whether batches take turns beside a task, as in Liu and Niehues 2025: one is
            learnt from its labels and all else, the next from its pairs alone. Else each is learnt
            from both at once.
    """

    layer: int | Literal["last"] = "last"
    temperature: float = Field(default=0.1, gt=0)
    pairs: int = Field(default=32, ge=2, le=4096)
    alternate: bool = False


def build(settings: Settings) -> Objective:
    """The loss that the model computes for its pairs, their mean."""
    del settings
    return own_loss
