"""Which utterances a recipe reads in pairs of two languages, without labels."""

from __future__ import annotations

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.text_locales import TextLocales


class PairSettings(Strict):
    """A share of the ids, whose utterances may be read in pairs and whose labels are not read.

    In a corpus such as MASSIVE an id means the same in every language, so that its label in one is
    its label in all: an id is in a pair or lends its labels, never both.

    Attributes:
        ids: Share of the ids. The labels of all others are trained on.
        seed: Seed of the draw of ids, which is the same whatever the seed of the training.
        locales: Whose utterances are paired: those of the locales that the `task` trains on, of
            `all` that the data have, or of a list of locales.
        pivot: The locale on one side of every pair; the task's source locale if not given, and any
            two locales where it has none.
    """

    ids: float = Field(gt=0, lt=1)
    seed: int = Field(default=0, ge=0)
    locales: TextLocales = "all"
    pivot: str | None = None
