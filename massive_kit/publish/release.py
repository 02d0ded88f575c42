"""A release of a board, and its `CITATION.cff`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import yaml

from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.text import safe_link, safe_text

CITATION = "CITATION.cff"
# Licences as people write them, by what the Citation File Format takes: SPDX identifiers.
_SPDX = {
    "CC BY 4.0": "CC-BY-4.0",
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
    "CC BY-NC 4.0": "CC-BY-NC-4.0",
    "CC0 1.0": "CC0-1.0",
    "ODbL 1.0": "ODbL-1.0",
}


def date(model: BoardModel) -> dt.date | None:
    """The day of the release: the board's own, or that of its newest system; never the clock's."""
    days = (entry.manifest.date for entry in model.versions)
    return model.board.date or max(days, default=None)


def url(model: BoardModel) -> str | None:
    """Where the board stands, where that is known."""
    return safe_link(model.board.url) or safe_link(model.base_url)


def citation_cff(model: BoardModel) -> str:
    """How to cite the board, in the Citation File Format 1.2.0."""
    board = model.board
    title = safe_text(board.title)
    names = [safe_text(name) for name in board.authors] or [f"The authors of {title}"]
    day, licence = date(model), board.licence or ""
    spdx = licence if licence in _SPDX.values() else _SPDX.get(licence)
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use these results, cite the board and the data that it is about.",
        "title": title,
        "type": "dataset",
        "authors": [_author(name) for name in names],
        "version": board.version,
        "date-released": day.isoformat() if day else None,
        "doi": board.doi,
        "url": url(model),
        "repository-code": safe_link(board.repository),
        "license": spdx,
    }
    known = {name: value for name, value in fields.items() if value}
    return yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=100)


def _author(name: str) -> dict[str, str]:
    family, comma, given = name.partition(", ")
    return {"family-names": family, "given-names": given} if comma else {"name": name}
