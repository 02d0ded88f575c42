"""How to read the board, and the page for addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.model import Model
from massive_kit.publish.page import Nav, Page

NAV = Nav(7, "about", "About", "about.html")
SETTINGS = {
    "full": "Trained on all languages that are scored.",
    "zero-shot": (
        "Trained on English alone. Checkpoint and hyper-parameters may be selected on the"
        " development sets of all languages, as in the paper."
    ),
    "zero-shot-strict": "Trained and selected on English alone.",
    "few-shot": "Trained on English and on a few utterances of each language.",
    "translate-train": "Trained on English and on machine translations of it.",
    "in-context": "A language model is given instructions and examples; no weight is changed.",
}
_RULES = {
    **{name: cells.said(name) for name in cells.TITLES},
    "parameters": "fewer parameters",
    "date": "the earlier date",
}


def pages(model: Model) -> Iterator[Page]:
    """About and 404."""
    board = model.board
    yield Page(
        "about.html",
        "about.html",
        "About this board",
        "about",
        context={
            "metric": cells.said(board.metric),
            "average": cells.AVERAGE_TITLES[board.average],
            "tie_break": [_RULES[rule] for rule in board.tie_break],
            "settings": SETTINGS,
            "groupings": [shared_columns.label(by).lower() for by in board.groupings],
            "systems": len(model.versions),
        },
    )
    yield Page("404.html", "404.html", "No such page", listed=False)
