"""Stores of a few rows, and files of a few lines, for what makes stores of stores."""

from __future__ import annotations

import json
from pathlib import Path

from massive_kit.data.intake.importing import import_source
from massive_kit.data.notation import strip
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import Store

# By id: intent and annotated utterance.
ENGLISH = {
    "1": ("alarm_set", "wake me up at [time : five am] please"),
    "2": ("play_music", "play [song_name : the house] by [artist_name : house five]"),
    "3": ("alarm_set", "set alarms for [date : next week] [time : five am]"),
    "4": ("iot_hue_lightoff", "olly"),
}


def made_store(
    folder: Path,
    rows: dict[str, dict[str, tuple[str, str]]],
    partition: str = "train",
    scheme: SpanScheme = "runs",
) -> Store:
    """A store of some rows by locale and id."""

    lines = [
        {
            "id": name,
            "locale": locale,
            "partition": partition,
            "intent": intent,
            "utt": strip(annotated),
            "annot_utt": annotated,
        }
        for locale, of_locale in rows.items()
        for name, (intent, annotated) in of_locale.items()
    ]
    folder.mkdir(exist_ok=True)
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return import_source(path, folder / "store", name="made", scheme=scheme).store


def annotated_by_id(store: Store, locale: str, partition: str = "train") -> dict[str, str]:
    """The annotated utterances of a part, by id."""
    table = store.read(partition, [locale], ["id", "annot_utt"])
    return dict(
        zip(table.column("id").to_pylist(), table.column("annot_utt").to_pylist(), strict=True)
    )


def written(path: Path, *lines: str) -> Path:
    """A file of some lines."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
