"""Scores that are those of another system to the last digit."""

from __future__ import annotations

from pathlib import Path

from massive_kit.errors import Problem
from massive_kit.publish.entries import Entry
from massive_kit.publish.results import SCORES, read_entry, version_folders
from massive_kit.schema.metrics import MAIN_METRICS

# Two systems may agree on a handful of utterances; on so many they do not by chance.
_FEW = 100


def same_scores(root: Path, entry: Entry) -> list[Problem]:
    """A warning for each version of another system with the same scores in every language.

    Args:
        root: The results tree; what is wrong in it is left to `leaderboard check`.
        entry: A version in it.
    """
    if entry.utterances <= _FEW:
        return []
    digits = _digits(entry)
    return [
        Problem(
            str(entry.folder / SCORES),
            f"every language has the scores of {other.manifest.system}"
            f" {other.manifest.version} to the last digit",
            todo="are these the predictions of another system?",
            severity="warning",
        )
        for folder in version_folders(root)
        if folder.parent.name != entry.manifest.system
        and (other := read_entry(folder, [])) is not None
        and other.scored_on == entry.scored_on
        and _digits(other) == digits
    ]


def _digits(entry: Entry) -> dict[str, list[float | None]]:
    return {
        locale: [
            estimate.value if (estimate := getattr(scores, metric)) else None
            for metric in (*MAIN_METRICS, "slot_precision", "slot_recall")
        ]
        for locale, scores in entry.scores.locales.items()
    }
