"""What every recipe says, whatever its kind; the kinds bring the rest."""

from __future__ import annotations

from typing import ClassVar

from massive_kit.schema.config import Strict


class Recipe(Strict):
    """How a system is trained.

    Attributes:
        title: What tables and model cards call the system.
        published: The published system whose recipe this is, if it is one.
        note: What a user of the recipe must know.
        kind: Which kind of system the recipe trains.
    """

    # The key, with dots, of the seed of all that is random; `None` where nothing is.
    seed_key: ClassVar[str | None] = None

    title: str
    published: str | None = None
    note: str = ""
    kind: str
