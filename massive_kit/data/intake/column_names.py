"""Columns by the names that data sets close to MASSIVE give them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

# Each with its other names: those of the original's data preparation, and of the hub's copies.
ALIASES: Mapping[str, Sequence[str]] = {
    "id": ("id", "uid"),
    "locale": ("locale", "lang", "language"),
    "intent": ("intent", "intent_str", "intent_idx", "intent_num"),
    "scenario": ("scenario", "scenario_str", "domain", "scenario_idx", "scenario_num"),
    "partition": ("partition", "split"),
    "tags": ("ner_tags", "slots_str", "slot_labels", "tags", "labels", "slots_num"),
    "tokens": ("tokens", "words", "utt"),
}

# What to tell of a file whose columns are those.
PREDICTIONS = "predictions, and no corpus; `validate` and `eval` read them"


def column_of(kind: str, row: Mapping[str, Any]) -> str | None:
    """The column of a row that holds an intent, ...: one with names before one with integers."""
    there = [name for name in ALIASES[kind] if row.get(name) is not None]
    named = [name for name in there if not isinstance(row[name], int)]
    return next(iter(named + there), None)


def accepted_columns() -> str:
    """The columns that rows may have, for messages."""
    tokens = " or ".join(name for name in ALIASES["tokens"] if name != "utt")
    others = "; ".join(
        f"{kind} may be called {', '.join(ALIASES[kind][1:])}" for kind in ("locale", "partition")
    )
    return f"utt and annot_utt, or {tokens} and tags ({', '.join(ALIASES['tags'])}); {others}"


def are_predictions(columns: Collection[str]) -> bool:
    """Whether these are the columns of predictions, and not of utterances with labels."""
    predicted = any(column.startswith("pred_") for column in columns)
    return predicted and "annot_utt" not in columns and "intent" not in columns


def has_tagged_tokens(row: Mapping[str, Any]) -> bool:
    """Whether a row is tokens with a tag each, and no annotated utterance."""
    if row.get("annot_utt"):
        return False
    tags, tokens = column_of("tags", row), column_of("tokens", row)
    return tags is not None and tokens is not None and isinstance(row[tokens], list)
