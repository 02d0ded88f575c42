"""Writes the index that comes with the package: `python -m massive_kit.submission.shipped_index`.

It is to be written again only when MASSIVE itself changes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.opening import open_data
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MassiveKitError, Problem
from massive_kit.files.npz import write_arrays
from massive_kit.submission.index import SHIPPED, SHIPPED_PARTITION


def index_arrays(store: Store) -> dict[str, NDArray[Any]]:
    """The arrays of the shipped file: ids once, for all locales, and token counts.

    Raises:
        MissingDataError: The store lacks a partition.
        DataError: The store is not parallel, or a token count does not fit into a byte.
    """
    locales = store.locales
    table = store.read(SHIPPED_PARTITION, locales, ["id", "tokens"]).combine_chunks()
    ids = np.array(table.column("id").to_pylist(), object)
    counts = np.diff(table.column("tokens").chunk(0).offsets.to_numpy())
    rows = {store.parts[locale][SHIPPED_PARTITION].rows for locale in locales}
    if len(rows) > 1 or (ids.reshape(len(locales), -1) != ids[: len(ids) // len(locales)]).any():
        raise _not_fit(store, "ids that differ between locales", "the same ids in every locale")
    if counts.max() > np.iinfo(np.uint8).max:
        raise _not_fit(store, f"a row of {counts.max()} tokens", "at most 255")
    others = {
        f"ids_{name}": _integers(store.read(name, locales[:1], ["id"]).column("id").to_pylist())
        for name in ("train", "dev")
    }
    return {
        "locales": np.array(locales),
        "ids": _integers(ids[: len(ids) // len(locales)]),
        "token_counts": counts.reshape(len(locales), -1).astype(np.uint8),
        **others,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m massive_kit.submission.shipped_index",
        description="Write the index of MASSIVE that comes with the package: ids, token counts.",
    )
    parser.add_argument("--data", default="1.1", help="A store by name or path; default: 1.1.")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="Default: in the package.")
    options = parser.parse_args(arguments)
    try:
        arrays = index_arrays(open_data(options.data))
    except MassiveKitError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    write_arrays(options.out, arrays)
    sys.stdout.write(f"{arrays['ids'].size:,} ids, {arrays['locales'].size} locales")
    sys.stdout.write(f" -> {options.out}\n")
    return 0


def _integers(ids: Any) -> NDArray[np.int16]:
    return np.array(ids, object).astype(np.int16)


def _not_fit(store: Store, found: str, expected: str) -> DataError:
    return DataError(
        "the shipped index cannot hold these data", [Problem(str(store.path), found, expected)]
    )


if __name__ == "__main__":
    sys.exit(main())
