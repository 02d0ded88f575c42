"""What every recipe says, whatever its kind; the kinds bring the rest."""

from __future__ import annotations

from massive_kit.schema.config import Strict


class Recipe(Strict):
    """How a system is trained.

    Attributes:
        title: What tables and cards call the system.
        published: Where the recipe was published, if it was.
        note: What a user of the recipe must know.
        kind: Which kind of system it trains: the name of a folder of `massive_kit.systems`.
    """

    title: str
    published: str | None = None
    note: str = ""
    kind: str
