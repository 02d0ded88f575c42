"""What a reader may choose in the place of the average that ranks: means, and parts of the data."""

from __future__ import annotations

from massive_kit.publish import cells, paths, seen_parts, slot_method_parts
from massive_kit.publish.board_model import BoardModel
from massive_kit.schema.metrics import MEANS

Link = tuple[str, str]


def mean_links(model: BoardModel) -> list[Link]:
    """What each mean or view is called, and where its page lies; those that have something."""
    links = [(cells.average_title(mean), paths.mean_page(mean)) for mean in MEANS]
    if slot_method_parts.parts(model):
        links.append((slot_method_parts.TITLE, slot_method_parts.OVERVIEW))
    if seen_parts.declares(model):
        links.append((seen_parts.TITLE, seen_parts.PATH))
    return [(title[:1].upper() + title[1:], path) for title, path in links]
