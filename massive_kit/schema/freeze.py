"""What of a pre-trained model is not trained."""

from __future__ import annotations

from pydantic import Field

from massive_kit.schema.config import Strict


class Freeze(Strict):
    """What keeps its pre-trained weights.

    Attributes:
        embeddings: Whether the word embeddings are frozen.
        layers: How many of the lowest layers are frozen, with everything below them.
        parameters: Further parameters that are frozen, by exact name within the body.
    """

    embeddings: bool = False
    layers: int = Field(default=0, ge=0)
    parameters: list[str] = []
