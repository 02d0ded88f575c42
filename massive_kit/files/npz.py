"""`.npz` files: written the same for the same content, read without running anything in them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import MassiveKitError, MissingDataError
from massive_kit.files.atomic import atomic_file

# The earliest time that a zip can hold, so that equal content makes equal files.
_TIME = (1980, 1, 1, 0, 0, 0)
# Ten times what 816 locales of MASSIVE's size take; a small file that claims more is an attack.
MAX_BYTES = 2_000_000_000
# What zip, zlib and numpy raise on bytes that are not what they should be.
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes an `.npz`, at once or not at all."""
    with atomic_file(path) as stream, zipfile.ZipFile(stream, "w") as archive:
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
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise MassiveKitError(
                f"{path} would unpack to {size:,} bytes; {MAX_BYTES:,} is the most that is read"
            )
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files if only is None or name in only}
    except _UNREADABLE as error:
        raise MassiveKitError(f"{path} cannot be read as arrays: {error}") from None
