"""Distillation: what a finished run, the teacher, says of utterances is learnt as a distribution.

With P the teacher's distribution over intents, or over the labels of a word, and Q the student's,

    T^2 KL(P^(1/T) / sum P^(1/T) || softmax(logits / T))

(Hinton, Vinyals and Dean 2015). On the task's own rows, beside their labels, this is the second
stage of xTune (Zheng et al. 2021, aclanthology.org/2021.acl-long.264); in the place of the labels
of rows that were made of others, label distillation (Wang, Ruder and Neubig 2022,
aclanthology.org/2022.acl-long.61); on text without labels, self-training with soft labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "teacher"


class Settings(Strict):
    """Who teaches what.

    Attributes:
        teacher: A finished run of a kind that says how likely each label is, with the labels of the
            task. It is a parent of the run, and what it used is what the run used.
        temperature: What both sides' logits are divided by; the higher, the more the unlikely
            labels count.
        reads: The `rows` of the task, or `text` without labels, whose locales `objective.text`
            names.
        instead: Whether rows whose labels are not of their own locale, as those that
            `data derive translate-words` or `pseudo-label` made, learn from the teacher alone.
        rows: Most texts of a locale; all if not given.
    """

    teacher: str
    temperature: float = Field(default=2.0, gt=0)
    reads: Literal["rows", "text"] = "rows"
    instead: bool = False
    rows: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _fits_what_is_read(self) -> Self:
        if self.reads == "rows" and self.rows is not None:
            raise ValueError("rows caps text; training.train_rows caps the task's own rows")
        if self.reads == "text" and self.instead:
            raise ValueError("instead is of the task's own rows; set reads to rows")
        return self


def build(settings: Settings) -> Objective:
    """The loss that the model computes from what the teacher says."""
    del settings
    return own_loss
