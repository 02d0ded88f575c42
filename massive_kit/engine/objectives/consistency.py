"""Consistency: an utterance means the same, however its words are cut into subwords.

Each labelled row is read twice, as it is (or as `model.subword_sampling` cuts it) and cut anew, and
the two readings are drawn together: with P and Q the distributions over intents, or over the labels
of a word, of the one cut and of the other,

    KL(stop(P) || Q) + KL(stop(Q) || P),

where `stop` lets no gradient through. This is the example consistency of xTune (Zheng et al. 2021,
aclanthology.org/2021.acl-long.264), with its subword sampling (Kudo 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "cuts"


class Settings(Strict):
    """How rows are cut the second time, and how the two readings are compared.

    Attributes:
        sampling: Share of the words that are cut anew; the others get their best cut.
        alpha: Power of a cut's unigram probability, by which it is drawn; the lower, the more the
            cuts differ.
        temperature: What logits are divided by before they are compared.
        stop_gradient: Whether each reading is drawn to the other as to a fixed target.
    """

    sampling: float = Field(default=0.3, gt=0, le=1)
    alpha: float = Field(default=0.3, gt=0, le=10)
    temperature: float = Field(default=1.0, gt=0)
    stop_gradient: bool = True


def build(settings: Settings) -> Objective:
    """The loss that the model computes for the two cuts of its rows."""
    del settings
    return own_loss
