"""Reading and writing JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from massive_kit.files.atomic import atomic_file


def dumps(value: object, *, indent: bool = True) -> str:
    """JSON text with sorted keys, the same for the same value; numpy values are allowed."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY
    if indent:
        options |= orjson.OPT_INDENT_2
    return orjson.dumps(value, option=options).decode()


def dumps_ordered(value: object) -> str:
    """JSON text with keys in the order given, for values whose order is meaning."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises:
        ValueError: It is not JSON.
        OSError: It cannot be read.
    """
    return orjson.loads(path.read_bytes())


def write_json(path: Path, value: object) -> None:
    """Writes JSON at once or not at all."""
    with atomic_file(path) as stream:
        stream.write((dumps(value) + "\n").encode())
