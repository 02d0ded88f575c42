"""Arrays of locales or labels in a model folder: safetensors, of which nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from massive_kit.errors import ContentError, MissingDataError, Problem
from massive_kit.systems.retrieval.vector_index import Vectors


def save_arrays(path: Path, arrays: Mapping[str, Vectors]) -> None:
    """Writes an array of each locale or label."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def load_arrays(path: Path, width: int, key: str) -> Mapping[str, Vectors]:
    """Reads an array of each locale or label.

    Args:
        path: The file.
        width: How many numbers each has.
        key: The key of a recipe that asks for them, for advice.

    Raises:
        MissingDataError: The run was trained without them.
        ContentError: The file cannot be read, or belongs to another model.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    again = f"`massive-kit configure RUN --out NEW -o {key}.KEY=VALUE` makes it anew"
    if not path.is_file():
        raise MissingDataError(
            f"{path} not found; train with {key}, or add it with `massive-kit configure`"
        )
    try:
        arrays: Mapping[str, Vectors] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        problem = Problem(str(path), f"cannot be read: {error}", "vectors", again)
        raise ContentError(f"{path} holds no vectors", [problem]) from None
    if {array.shape for array in arrays.values()} != {(width,)}:
        problem = Problem(str(path), "other shapes", f"vectors of {width}", again)
        raise ContentError(f"{path} does not belong to the model", [problem])
    if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values()):
        problem = Problem(
            str(path), "values that are no numbers", "finite numbers of 32 bits", again
        )
        raise ContentError(f"{path} is damaged", [problem])
    return arrays
