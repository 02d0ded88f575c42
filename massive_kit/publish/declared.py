"""What manifests declare of honesty: resources, and what was seen in and before training."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.tables import BoardCell, BoardColumn
from massive_kit.schema.pretraining import names_any
from massive_kit.schema.resources import RESOURCES
from massive_kit.schema.task import ZERO_SHOT_SETTINGS

SEEN = BoardColumn(
    "seen",
    "Seen",
    "text",
    ("seen_in_pretraining",),
    hint="Whether the pre-trained model had seen text in this language, as declared",
)
# A filter of the tables with one language a row, or one language in all.
SEEN_FACET = {"seen": "Seen in pre-training"}
# Languages that a system's page lists; of more it tells how many there are.
_LISTED = 12
SEEN_BEFORE, NOT_SEEN, UNKNOWN = "seen", "not seen", "not declared"


def anyone_tells(entries: Sequence[Entry]) -> bool:
    """Whether any system says which languages were seen."""
    return any(
        entry.manifest.pretraining is not None and entry.manifest.pretraining.languages is not None
        for entry in entries
    )


def learnt_languages(entry: Entry) -> list[str] | None:
    """The languages whose labels a system learnt; `None` where nothing says so.

    A manifest says it, or the setting: who transfers from labels of one language has no others.
    """
    manifest, scores = entry.manifest, entry.scores
    if manifest.label_languages is not None:
        return manifest.label_languages
    alone = entry.setting in ZERO_SHOT_SETTINGS and "target-labels" not in manifest.resources
    return [scores.source_locale] if alone and scores.source_locale else None


def learnt_facet(model: BoardModel, entry: Entry, locale: str) -> str:
    """Whether labels of a language were learnt: `seen`, `not seen` or `not declared`."""
    languages = learnt_languages(entry)
    if languages is None:
        return UNKNOWN
    return SEEN_BEFORE if names_any(languages, _tags(model, locale)) else NOT_SEEN


def seen_facet(model: BoardModel, entry: Entry, locale: str) -> str:
    """`seen`, `not seen` or `not declared`."""
    declared = entry.manifest.pretraining
    saw = declared.saw(*_tags(model, locale)) if declared else None
    return UNKNOWN if saw is None else SEEN_BEFORE if saw else NOT_SEEN


def _tags(model: BoardModel, locale: str) -> tuple[str, str, str]:
    return locale, locale.split("-", 1)[0], shared_columns.language_tag(model, locale)


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


def seen_facts(entry: Entry) -> list[tuple[str, str]]:
    """What a system's page says of what was seen in and before training."""
    declared, learnt = entry.manifest.pretraining, entry.manifest.label_languages
    facts = []
    if learnt is not None:
        facts.append(("Languages of its labels", _listed(learnt)))
    if declared is None:
        return facts
    if declared.languages is not None:
        facts.append(("Languages in pre-training", _listed(declared.languages)))
    if declared.massive is not None:
        facts.append(("Saw MASSIVE before", "yes" if declared.massive else "no"))
    return facts


def _listed(languages: Sequence[str]) -> str:
    if len(languages) > _LISTED:
        return f"{len(languages):,} languages, listed in the manifest"
    return ", ".join(languages) or "none"
