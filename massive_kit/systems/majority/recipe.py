"""The recipe of the majority system."""

from __future__ import annotations

from typing import Literal

from massive_kit.schema.recipe import Recipe


class MajorityRecipe(Recipe):
    """The most frequent intent of the training rows, and no slots."""

    kind: Literal["majority"]

    def answers_alone(self) -> bool:
        """It counts, and keeps its counts."""
        return True
