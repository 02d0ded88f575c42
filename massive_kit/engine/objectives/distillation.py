"""Distillation: what a finished run, the teacher, says of utterances is learnt as a distribution.

With P the teacher's distribution over intents, or over the labels of a word, and Q the student's,

    T^2 KL(P^(1/T) / sum P^(1/T) || softmax(logits / T))

(Hinton, Vinyals and Dean 2015). Where asked for, the mean squared error of the hidden states of
each word is added (Sun et al. 2019, aclanthology.org/D19-1441). On the task's own rows, beside
their labels, this is the second stage of xTune (Zheng et al. 2021,
aclanthology.org/2021.acl-long.264); in the place of the labels of rows that were made of others,
label distillation (Wang, Ruder and Neubig 2022, aclanthology.org/2022.acl-long.61); on text without
labels, self-training with soft labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective

ARCHITECTURES = ("encoder",)
READS = "teacher"
_Layer = Annotated[int, Field(ge=0)]


class Settings(Strict):
    """Who teaches what.

    Attributes:
        teacher: A finished run of a kind that says how likely each label is, with the labels of the
            task; or a list of such runs, the mean of whose distributions is learnt. They are
            parents of the run, and what they used is what the run used.
        temperature: What both sides' logits are divided by; the higher, the more the unlikely
            labels count.
        reads: The `rows` of the task, or `text` without labels, whose locales `objective.text`
            names.
        instead: Whether rows whose labels are not of their own locale, as those that
            `data derive translate-words` or `pseudo-label` made, learn from the teacher alone.
        rows: Most texts of a locale; all if not given.
        hidden: Weight of the mean squared error between the hidden states of both at each word,
            over the layers that are compared, where the divergence of intents weighs 1; of several
            teachers, those of the first. Both are of one width.
        hidden_layers: Pairs of a layer of the student and the one of the teacher that it is
            compared with, counted from 0; by default each layer of the student with the one at the
            same share of the teacher's depth, so that the last goes with the last.
    """

    teacher: str | Annotated[tuple[str, ...], Field(min_length=1)]
    temperature: float = Field(default=2.0, gt=0)
    reads: Literal["rows", "text"] = "rows"
    instead: bool = False
    rows: int | None = Field(default=None, ge=1)
    hidden: float = Field(default=0.0, ge=0)
    hidden_layers: tuple[tuple[_Layer, _Layer], ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _fits_what_is_read(self) -> Self:
        if self.reads == "rows" and self.rows is not None:
            raise ValueError("rows caps text; training.train_rows caps the task's own rows")
        if self.reads == "text" and self.instead:
            raise ValueError("instead is of the task's own rows; set reads to rows")
        if self.hidden_layers is not None and not self.hidden:
            raise ValueError("hidden_layers: nothing is compared while hidden is 0")
        if len({*self.teachers}) < len(self.teachers):
            raise ValueError("teacher: a run is named twice")
        return self

    @property
    def teachers(self) -> tuple[str, ...]:
        """All of them."""
        return (self.teacher,) if isinstance(self.teacher, str) else self.teacher


def build(settings: Settings) -> Objective:
    """The loss that the model computes from what the teacher says."""
    del settings
    return own_loss
