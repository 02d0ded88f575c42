"""What manifests declare of honesty: resources, and what was seen before training."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.tables import BoardCell, BoardColumn
from massive_kit.schema.resources import RESOURCES

SEEN = BoardColumn(
    "seen",
    "Seen",
    "text",
    ("seen_in_pretraining",),
    hint="Whether the pre-trained model had seen text in this language, as declared",
)
# A filter of the tables with one language a row, or one language in all.
SEEN_FACET = {"seen": "Seen in pre-training"}
UNKNOWN = "not declared"


def anyone_tells(entries: Sequence[Entry]) -> bool:
    """Whether any system says which languages were seen."""
    return any(
        entry.manifest.pretraining is not None and entry.manifest.pretraining.languages is not None
        for entry in entries
    )


def seen_facet(model: BoardModel, entry: Entry, locale: str) -> str:
    """`seen`, `not seen` or `not declared`."""
    declared = entry.manifest.pretraining
    tags = (locale, locale.split("-", 1)[0], shared_columns.language_tag(model, locale))
    saw = declared.saw(*tags) if declared else None
    return UNKNOWN if saw is None else "seen" if saw else "not seen"


def seen(model: BoardModel, entry: Entry, locale: str) -> BoardCell:
    """Whether a language was seen in pre-training."""
    value = seen_facet(model, entry, locale)
    return cells.text(None if value == UNKNOWN else value)


def badges(entry: Entry) -> Markup:
    """The setting and the resources of a system, each with what it means."""
    html = Markup('<span class="mark">{}</span>').format(entry.setting)
    for resource in entry.manifest.resources:
        html += Markup(' <span class="mark" title="{}">{}</span>').format(
            RESOURCES[resource], resource
        )
    return html


def pretraining_facts(entry: Entry) -> list[tuple[str, str]]:
    """What a system's page says of it."""
    declared = entry.manifest.pretraining
    if declared is None:
        return []
    facts = []
    if declared.languages is not None:
        facts.append(("Languages in pre-training", ", ".join(declared.languages) or "none"))
    if declared.massive is not None:
        facts.append(("Saw MASSIVE before", "yes" if declared.massive else "no"))
    return facts
