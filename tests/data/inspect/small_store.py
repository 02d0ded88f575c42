"""A store of three rows, or of any."""

from __future__ import annotations

import json
from pathlib import Path

from massive_kit.data.intake.importing import import_data
from massive_kit.data.notation import strip
from massive_kit.data.store import Store

TEXTS = [
    ("1", "train", "wake me", "alarm_set"),
    ("2", "train", "at [time : five am] [date : today]", "alarm_set"),
    ("3", "test", "wake [person : anna]", "play_music"),
]


def store_of(folder: Path, texts: list[tuple[str, str, str, str]] = TEXTS) -> Store:
    folder.mkdir()
    lines = [
        json.dumps(
            {
                "id": name,
                "locale": "en-US",
                "partition": partition,
                "intent": intent,
                "utt": strip(text),
                "annot_utt": text,
            }
        )
        for name, partition, text, intent in texts
    ]
    (folder / "x.jsonl").write_text("\n".join(lines))
    return import_data(folder / "x.jsonl", folder / "store", name="x")
