"""A store as a `datasets` DatasetDict on disk, with typed labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import label_integers
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, MissingExtraError
from massive_kit.files.atomic import atomic_folder

# As the hub calls it.
_SPLITS = {"dev": "validation"}


def split_name(partition: str) -> str:
    """What `datasets` calls a partition: word characters only, and dev is validation."""
    return _SPLITS.get(partition, re.sub(r"\W", "_", partition))


def write_hf_dataset(
    store: Store, folder: Path, locales: Sequence[str] | None = None
) -> dict[str, int]:
    """Writes all partitions of some locales as a DatasetDict; `load_from_disk` reads it.

    `intent`, `scenario` and every item of `labels` are ClassLabels in the inventory's order; rows
    without labels have none.

    Returns:
        The rows of each split.

    Raises:
        MissingExtraError: `datasets` is not installed.
        MissingDataError: The store lacks a locale.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("train", "a Hugging Face data set") from None
    chosen = tuple(locales) if locales else store.locales
    missing = [locale for locale in chosen if locale not in store.parts]
    if missing:
        raise MissingDataError(f"the store {store.name} has no locale {', '.join(missing)}")
    features = _features(store.inventory)
    counts = {}
    with atomic_folder(folder) as new:
        splits = {}
        for partition in sorted({name for locale in chosen for name in store.parts[locale]}):
            having = [locale for locale in chosen if partition in store.parts[locale]]
            table = _coded(store.read(partition, having), store.inventory, features.arrow_schema)
            info = datasets.DatasetInfo(features=features)
            splits[split_name(partition)] = datasets.Dataset(table, info=info)
            counts[split_name(partition)] = len(table)
        datasets.DatasetDict(splits).save_to_disk(str(new))
    return counts


def _features(inventory: Inventory) -> Any:
    from datasets import ClassLabel, Features, List, Value

    scenarios = list(inventory.scenario_names)
    text = Value("string")
    judgment = {
        "worker_id": text,
        **{f"{name}_score": Value("int8") for name in ("intent", "slots", "grammar", "spelling")},
        "language_identification": text,
    }
    return Features(
        {
            "id": text,
            "locale": text,
            "partition": text,
            # A ClassLabel needs a name; a corpus without scenarios has the column all null.
            "scenario": ClassLabel(names=scenarios) if scenarios else text,
            "intent": ClassLabel(names=list(inventory.intents)),
            "utt": text,
            "annot_utt": text,
            "worker_id": text,
            "slot_method": List({"slot": text, "method": text}),
            "judgments": List(judgment),
            "tokens": List(text),
            "labels": List(ClassLabel(names=list(inventory.labels))),
        }
    )


def _coded(table: pa.Table, inventory: Inventory, schema: pa.Schema) -> pa.Table:
    import pyarrow.compute as pc

    columns = []
    names = {
        "intent": list(inventory.intents),
        "scenario": list(inventory.scenario_names),
    }
    for field in schema:
        column = table.column(field.name).combine_chunks()
        if names.get(field.name):
            column = pc.index_in(column, value_set=pa.array(names[field.name], pa.string()))
        elif field.name == "labels":
            boundaries = table.column("boundaries").combine_chunks()
            column = _label_codes(_whole(column), _whole(boundaries), inventory)
        columns.append(column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _whole(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


def _label_codes(lists: Any, boundaries: Any, inventory: Inventory) -> Any:
    labels = label_integers(lists, boundaries, inventory)
    offsets = pa.array(labels.offsets.astype("int32"))
    return pa.ListArray.from_arrays(offsets, pa.array(labels.flat), mask=lists.is_null())
