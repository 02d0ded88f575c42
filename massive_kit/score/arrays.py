"""`.npz` files: written the same for the same content, read without running anything in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit import jsonio
from massive_kit.errors import MassiveKitError, MissingDataError

# The earliest time that a zip can hold, so that equal content makes equal files.
_TIME = (1980, 1, 1, 0, 0, 0)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes an `.npz`, at once or not at all."""
    with jsonio.atomic_file(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
            # Resampled scores are as good as random; compressing them costs time and gains nothing.
            floats = np.issubdtype(array.dtype, np.floating)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", _TIME),
                buffer.getvalue(),
                zipfile.ZIP_STORED if floats else zipfile.ZIP_DEFLATED,
                compresslevel=1,
            )


def read_arrays(path: Path, only: Container[str] | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`, which may come from a stranger: nothing in it is run.

    Args:
        path: The file.
        only: Names to read; by default all. Others are not even unpacked.

    Raises:
        MissingDataError: There is no such file.
        MassiveKitError: It cannot be read.
    """
    if not path.is_file():
        raise MissingDataError(f"{path} is not there; `massive-kit eval --out` writes it")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if only is None or name in only}
    except (OSError, ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise MassiveKitError(f"{path} cannot be read as arrays: {error}") from None
