"""What every recipe says, whatever its kind; the kinds bring the rest."""

from __future__ import annotations

from massive_kit.schema.config import Strict


class Recipe(Strict):
    """How a system is trained.

    Attributes:
        title: What tables and model cards call the system.
        published: The published system whose recipe this is, if it is one.
        note: What a user of the recipe must know.
        kind: Which kind of system the recipe trains.
    """

    title: str
    published: str | None = None
    note: str = ""
    kind: str
