"""From a raw source to a store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from massive_kit import jsonio
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import NotationError
from massive_kit.data.sources import RawFile, raw_files
from massive_kit.data.store import SCHEMA, Part, Store
from massive_kit.data.tokens import split, tokenise
from massive_kit.errors import DataError, Problem
from massive_kit.languages import LanguageTable, canonical_locale
from massive_kit.provenance import file_sha256

_PLAIN = ("id", "locale", "partition", "scenario", "intent", "utt", "annot_utt", "worker_id")


def import_data(
    source: Path,
    target: Path,
    *,
    name: str,
    version: str = "",
    languages: LanguageTable | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Store:
    """Reads a raw source into a store at `target`, whole or not at all.

    Raises:
        MissingDataError: There is nothing at `source`.
        DataError: Rows are wrong; every mistake is told.
    """
    table = languages or LanguageTable.shipped()
    problems: list[Problem] = []
    with jsonio.atomic_folder(target) as folder:
        parts: dict[str, dict[str, Part]] = {}
        intents: set[tuple[str, str | None]] = set()
        slots: set[str] = set()
        for raw in raw_files(source):
            rows = _rows(raw, table, problems)
            if progress:
                progress(raw.name, len(rows))
            split_rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for row in rows:
                split_rows.setdefault((row["locale"], row["partition"]), []).append(row)
                if row["intent"]:
                    intents.add((row["intent"], row["scenario"]))
                slots.update(row["labels"] or ())
            if problems:
                continue
            for (locale, partition), own in split_rows.items():
                path = folder / locale / f"{partition}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(pa.Table.from_pylist(own, schema=SCHEMA), path, compression="zstd")
                content = hashlib.sha256()
                for row in own:
                    content.update(f"{row['id']}\t{row['intent']}\t{row['annot_utt']}\n".encode())
                part = Part(len(own), file_sha256(path), content.hexdigest())
                parts.setdefault(locale, {})[partition] = part
        if problems:
            raise DataError(f"{source} was not imported", problems)
        slots.discard("Other")
        inventory = Inventory.massive()
        if not slots <= set(inventory.slots) or not {i for i, _ in intents} <= set(
            inventory.intents
        ):
            inventory = Inventory.of(intents, slots)
        characters = frozenset(locale for locale in parts if table[locale].character_scored)
        Store(folder, name, version, inventory, parts, characters).write_index()
    return Store.open(target)


def _rows(raw: RawFile, table: LanguageTable, problems: list[Problem]) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(raw.content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            locale = canonical_locale(row["locale"])
            characters = table[locale].character_scored
            if row.get("annot_utt") is None:
                tokens, labels = split(row["utt"], characters=characters), None
            else:
                done = tokenise(row["annot_utt"], characters=characters)
                tokens, labels = done.tokens, done.labels
        except (orjson.JSONDecodeError, NotationError) as error:
            problems.append(Problem(raw.name, str(error), line=number))
            continue
        except (KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(raw.name, f"missing or mistyped field {error}", line=number))
            continue
        kept = {key: row.get(key) for key in _PLAIN}
        kept["locale"] = locale
        for key in ("slot_method", "judgments"):
            kept[key] = row.get(key)
        rows.append({**kept, "tokens": tokens, "labels": labels})
    return rows
