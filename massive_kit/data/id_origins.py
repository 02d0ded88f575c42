"""Which row a row was made of, by the end of its id."""

from __future__ import annotations

import re
from collections.abc import Callable

from massive_kit.data.lineage import Lineage


def id_origin(lineage: Lineage | None) -> Callable[[str], str]:
    """Gives the id of the row that a store's row was made of; its own, where it was not.

    Args:
        lineage: That of the store.
    """
    endings = "" if lineage is None else "|".join(map(re.escape, _distinct(lineage)))
    if not endings:
        return str
    ended = re.compile(rf"(?:-(?:{endings})\d*-*)+\Z")
    return lambda identity: ended.sub("", identity)


def _distinct(lineage: Lineage) -> list[str]:
    return [*dict.fromkeys(lineage.all_id_endings())]
