"""The recipe of a glossed run: which run reads, and how much its reading of glosses counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.recipe import Recipe
from massive_kit.schema.resources import Resource


class GlossedRecipe(Recipe):
    """A run that `massive-kit gloss` gave dictionaries; nothing of it is trained.

    Attributes:
        run: The run directory, as it was named; its model is saved with the glossaries.
        source: The locale that glosses are in.
        dictionaries: The names of the dictionaries' files.
        induced: Whether all of them were made of an encoder alone, and are as they were then, so
            that they are no resource.
        weight: Weight of what the run says of glosses, where what it says of the text itself has
            the rest.
    """

    kind: Literal["glossed"]
    run: str
    source: str
    dictionaries: list[str] = Field(min_length=1)
    induced: bool = False
    weight: float = Field(default=0.5, ge=0, le=1)

    def resources(self) -> tuple[Resource, ...]:
        """The lexicon."""
        return () if self.induced else ("lexicon",)

    def answers_alone(self) -> bool:
        """The run's model and the glossaries are saved."""
        return True
