"""A corpus whose test partition lacks labels that train has, and has one that train lacks."""

from __future__ import annotations

import json
from pathlib import Path

Row = tuple[str, str, str]

# Partition, intent, annotated utterance. Neither intents nor slots are MASSIVE's.
TRAIN: tuple[Row, ...] = (
    ("train", "wecker_stellen", "weck mich um [zeit : sieben uhr]"),
    ("train", "musik_spielen", "spiel [band : abba]"),
    ("train", "licht_an", "licht an im [raum : bad]"),
    ("train", "musik_spielen", "spiel was von [band : den ärzten]"),
    ("dev", "licht_an", "mach im [raum : flur] licht"),
)
TEST: tuple[Row, ...] = (
    ("test", "wecker_stellen", "um [zeit : acht] wecken"),
    ("test", "licht_an", "im [raum : keller] licht an"),
)
LABELS = """\
intents: [wecker_stellen, musik_spielen, licht_an, heizung_an]
slots: [zeit, raum, band, grad]
"""
TASK = """\
name: own
title: A corpus in two files
setting: full
data: [test]
train: {partition: train}
dev: {partition: dev}
test: {partition: test}
"""


def write_rows(path: Path, *rows: tuple[Row, ...], locale: str = "de-DE") -> Path:
    """Writes rows as JSON lines in MASSIVE's form."""
    from massive_kit.data.notation import strip

    lines = [
        {
            "id": str(number),
            "locale": locale,
            "partition": partition,
            "intent": intent,
            "utt": strip(annotated),
            "annot_utt": annotated,
        }
        for number, (partition, intent, annotated) in enumerate(
            row for some in rows for row in some
        )
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path
