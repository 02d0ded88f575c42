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

from massive_kit.errors import ContentError, MissingDataError, Problem
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


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, compressed: bool = True
) -> None:
    """Writes an `.npz`, at once or not at all."""
    with atomic_file(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
            # Resampled scores are as good as random; compressing them costs time and gains nothing.
            stored = not compressed or np.issubdtype(array.dtype, np.floating)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", _TIME),
                buffer.getvalue(),
                zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED,
                compresslevel=1,
            )


def read_arrays(
    path: Path,
    only: Container[str] | None = None,
    *,
    limit: int | None = None,
    written_by: str | None = None,
) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`, which may come from a stranger: nothing in it is run.

    Args:
        path: The file.
        only: Names to read; by default all. Others are not even unpacked.
        limit: Most bytes that all arrays together may unpack to; by default `MAX_BYTES`.
        written_by: The command that writes such a file, for the message where there is none.

    Raises:
        MissingDataError: There is no such file.
        ContentError: It cannot be read, or would unpack to more.
    """
    if not path.is_file():
        hint = f"; `{written_by}` writes it" if written_by else ""
        raise MissingDataError(f"{path} not found{hint}")
    most = MAX_BYTES if limit is None else limit
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size <= most:
            with np.load(path, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files if only is None or name in only}
        problem = Problem(str(path), f"{size:,} bytes unpacked", f"at most {most:,}")
    except _UNREADABLE as error:
        problem = Problem(str(path), f"cannot be read: {error}", "arrays without pickle")
    raise ContentError(f"{path} is not a file of arrays that can be read", [problem]) from None
