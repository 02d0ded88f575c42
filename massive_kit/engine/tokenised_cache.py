"""What a tokenizer makes of a partition, kept in the cache by a hash of all that it hangs on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from massive_kit.data.home import home
from massive_kit.data.split import DataSplit
from massive_kit.errors import ContentError, MissingDataError
from massive_kit.files import jsonio
from massive_kit.files.npz import read_arrays, write_arrays

Part = dict[str, NDArray[Any]]


def cached_part(split: DataSplit, settings: str, make: Callable[[], Part]) -> Part:
    """The arrays of a split of one locale, from the cache or made and kept there.

    Args:
        split: The data; their file, and the label inventory with its span scheme, are a part of the
            key.
        settings: All else that decides what `make` returns, its own version included.
        make: Makes the arrays.
    """
    path = _path(split, settings)
    part = _load(path)
    if part is None:
        part = make()
        write_arrays(path, part, compressed=False)
    return part


def _path(split: DataSplit, settings: str) -> Path:
    store, partition = split.store, split.partition
    (locale,) = split.locales
    # Not the hash of the content alone: it does not know which tokens and boundaries stand there.
    file = store.parts[locale][partition].sha256
    labels = hashlib.sha256(jsonio.dumps(store.inventory.to_json()).encode()).hexdigest()
    text = f"{settings} {locale} {partition} {file} {labels}"
    key = hashlib.sha256(text.encode()).hexdigest()
    return home() / "encoded" / key[:2] / f"{key[2:34]}.npz"


def _load(path: Path) -> Part | None:
    try:
        return read_arrays(path)
    except (MissingDataError, ContentError):
        # Not there, or torn: it is made again.
        return None
