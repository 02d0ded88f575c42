"""The recipe of a glossed run: which run reads, and how much its reading of glosses counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.recipe import Recipe
from massive_kit.schema.resources import Resource


class GlossedRecipe(Recipe):
    """A run that `massive-kit gloss` gave dictionaries, an encoder or both; nothing is trained.

    Attributes:
        run: The run directory, as it was named; its model is saved with the glossaries.
        source: The locale that glosses are in.
        dictionaries: The names of the dictionaries' files; none where an encoder glosses alone.
        encoder: The encoder that glosses, alone or beside dictionaries, as it was named; it is
            saved with the model.
        used: What they are: a lexicon, if people made one of them; what was used for those that
            `massive-kit data induce` made.
        weight: Weight of what the run says of glosses, where what it says of the text itself has
            the rest.
    """

    kind: Literal["glossed"]
    run: str
    source: str
    dictionaries: list[str] = []
    encoder: str | None = None
    used: list[Resource] = ["lexicon"]
    weight: float = Field(default=0.5, ge=0, le=1)

    def resources(self) -> tuple[Resource, ...]:
        """Those of the dictionaries."""
        return (*self.used,)

    def answers_alone(self) -> bool:
        """The run's model and what glosses texts are saved."""
        return True
