"""`labels.npz`: gold and predicted labels of an evaluation, for confusion and errors afterwards.

It holds test labels, so it stays with its owner: the board takes `scores.json` and `stats.npz`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.ragged import offsets_of
from massive_kit.errors import MassiveKitError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.scoring.alignment import Aligned, align


def save_labels(path: Path, aligned: Aligned) -> None:
    """Writes the labels, with the inventory that they are positions in."""
    gold, predicted = aligned.gold, aligned.predicted
    write_arrays(
        path,
        {
            "inventory": np.array(orjson.dumps(gold.inventory.to_json()).decode()),
            "locales": np.array(gold.locales),
            "locale": gold.locale,
            "ids": np.asarray(gold.ids, np.str_),
            "token_counts": gold.token_counts.astype(np.int32),
            "gold_intents": gold.intents,
            "gold_labels": gold.labels,
            "predicted_intents": predicted.intents,
            "predicted_labels": predicted.labels,
        },
    )


def load_labels(path: Path) -> Aligned:
    """The inverse of `save_labels`.

    Raises:
        MissingDataError: There is no such file.
        MassiveKitError: It cannot be read.
    """
    arrays = read_arrays(path, written_by="massive-kit eval --out")
    try:
        inventory = Inventory.from_json(orjson.loads(str(arrays["inventory"])))
        gold = _columns(arrays, "gold", inventory)
        return align(gold, _columns(arrays, "predicted", inventory))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise MassiveKitError(f"{path} holds no labels: {error}") from None


def _columns(arrays: dict[str, NDArray[Any]], side: str, inventory: Inventory) -> LabelColumns:
    intents, labels = arrays[f"{side}_intents"], arrays[f"{side}_labels"]
    counts, locale = arrays["token_counts"].astype(np.int64), arrays["locale"]
    if (
        (counts < 0).any()
        or int(counts.sum()) != len(labels)
        or {intents.shape, counts.shape, locale.shape, arrays["ids"].shape} != {(len(intents),)}
        or not _within(intents, -1, len(inventory.intents))
        or not _within(labels, 0, len(inventory.labels))
        or not _within(locale, 0, len(arrays["locales"]))
        or (np.diff(locale.astype(np.int64)) < 0).any()
    ):
        raise ValueError("its columns do not match each other")
    return LabelColumns(
        inventory=inventory,
        locales=tuple(map(str, arrays["locales"])),
        locale=locale,
        ids=arrays["ids"],
        intents=intents,
        labels=labels,
        offsets=offsets_of(counts),
    )


def _within(values: NDArray[Any], least: int, end: int) -> bool:
    if values.dtype.kind not in "iu" or values.ndim != 1:
        return False
    return not len(values) or bool(least <= values.min() and values.max() < end)
