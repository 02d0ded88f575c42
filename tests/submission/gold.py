"""The gold labels of a store as the lines of a prediction file."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from massive_kit.data.store import Store


def gold_lines(store: Store, locales: Sequence[str], *, wrong: int = 0) -> bytes:
    """Right predictions for the test partition; in each locale every `wrong`-th intent is not."""
    lines = []
    for locale in locales:
        rows = store.read("test", [locale], ["id", "intent", "annot_utt"]).to_pylist()
        for number, row in enumerate(rows):
            intent = row["intent"] if not wrong or number % wrong else "general_quirky"
            line = {"id": row["id"], "locale": locale, "pred_intent": intent}
            lines.append(orjson.dumps(line | {"pred_annot_utt": row["annot_utt"]}) + b"\n")
    return b"".join(lines)
