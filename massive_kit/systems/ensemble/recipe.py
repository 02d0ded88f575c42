"""The recipe of an ensemble: which runs it was made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.recipe import Recipe


class Member(Strict):
    """A run that is asked.

    Attributes:
        run: The run directory, as it was named; its model is saved with the ensemble.
        title: What the run calls itself.
    """

    run: str
    title: str


class EnsembleRecipe(Recipe):
    """Several runs that `massive-kit ensemble` put together; nothing of them is trained.

    Attributes:
        members: The runs.
    """

    kind: Literal["ensemble"]
    members: list[Member] = Field(min_length=2, max_length=100)

    def answers_alone(self) -> bool:
        """The models of all members are saved."""
        return True
