"""What several runs together were trained and selected on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any


def joined_data(all_data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The data of all runs, each with its data as `run.json` keeps them."""
    first = all_data[0]
    joined = {**first, "name": _distinct(data["name"] for data in all_data)}
    joined |= _joined_origins(all_data)
    shots = [data.get("shots") for data in all_data]
    joined["shots"] = None if None in shots else max(filter(None, shots), default=None)
    for part in ("train", "dev", "text", "pairs"):
        parts = {data[part]["hash"]: data[part] for data in all_data if part in data}
        if parts:
            joined[part] = _joined([*parts.values()])
    return joined


def _joined_origins(all_data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    # Runs of earlier versions kept none.
    origins = [data.get("origins", {}) for data in all_data]
    return {
        "origins": {
            split: [*dict.fromkeys(chain(*(kept.get(split, ()) for kept in origins)))]
            for split in ("train", "dev")
            if all(split in kept for kept in origins)
        }
    }


def _joined(splits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several sets of rows as one, each counted once, also where some are joined already."""
    if len(splits) == 1:
        return splits[0]
    counts: dict[str, int] = {}
    for split in splits:
        # Means of earlier versions kept no counts.
        for part in split.get("parts", [split]):
            counts[part["hash"]] = part["rows"]
    single = {name for hashes in counts if "+" in hashes for name in hashes.split("+")}
    counts = {name: rows for name, rows in counts.items() if name not in single}
    return {
        "partition": _distinct(split["partition"] for split in splits),
        "locales": [*dict.fromkeys(code for split in splits for code in split["locales"])],
        "rows": sum(counts.values()),
        "hash": "+".join(dict.fromkeys(name for key in counts for name in key.split("+"))),
        "parts": [{"hash": name, "rows": rows} for name, rows in counts.items()],
    }


def _distinct(names: Iterable[str]) -> str:
    """Names, some of them joined already, each once."""
    return " + ".join(dict.fromkeys(name for joined in names for name in joined.split(" + ")))
