"""Causal language modelling: each subword of a text is told from those before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.engine.corruption import Corrupted, ended
from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.engine.special_subwords import end_of
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective
    from massive_kit.engine.text_rows import TextRows
    from massive_kit.schema.task import Architecture

ARCHITECTURES = ("decoder",)
METRIC = "perplexity"


class Settings(Strict):
    """There is nothing to set."""


def build(settings: Settings) -> Objective:
    """The loss that the model computes for the subwords, their mean."""
    del settings
    return own_loss


def corrupter(settings: Settings, tokenizer: Any, architecture: Architecture) -> Continuing:
    """Leaves text as it is, and ends it."""
    del settings, architecture
    return Continuing(end_of(tokenizer))


@dataclass(frozen=True, slots=True)
class Continuing:
    """Leaves text as it is, and ends it.

    Attributes:
        end: The subword that ends a text.
    """

    end: int

    @property
    def special(self) -> NDArray[np.int32]:
        """The subword that ends a text."""
        return np.array([self.end], np.int32)

    def remapped(self, table: NDArray[np.int32]) -> Continuing:
        """The same for other subword ids."""
        return replace(self, end=int(table[self.end]))

    def __call__(self, rows: TextRows, seed: int) -> Corrupted:
        """Each text with its end, to be read and to be said."""
        del seed
        subwords = ended(rows.subwords, rows.offsets, self.end)
        return Corrupted(subwords.values, subwords.offsets, subwords.values, subwords.offsets)
