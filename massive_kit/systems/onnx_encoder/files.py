"""The files of an exported encoder, read as hostile: what no export writes is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.errors import ContentError, MissingDataError, Problem
from massive_kit.files import jsonio
from massive_kit.schema.config import check
from massive_kit.systems.onnx_encoder.graph_checks import graph_problems
from massive_kit.systems.subwords.portable import (
    CARD,
    FILES,
    GRAPH,
    HASHES,
    INVENTORY,
    READING,
    TOKENIZER,
    FileHash,
    ReadingSettings,
)

_MIB = 1 << 20
# A protobuf of more cannot be read by anybody; tokenizers of a million subwords have 70 MB.
_MOST_BYTES = {
    GRAPH: 2048 * _MIB,
    TOKENIZER: 128 * _MIB,
    READING: _MIB,
    INVENTORY: 8 * _MIB,
    HASHES: _MIB,
    CARD: _MIB,
}
_TODO = "export the run again"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of a model folder that was found sound.

    Attributes:
        graph: Path of the graph.
        tokenizer: The tokenizer, as JSON.
        reading: How utterances become subwords.
        inventory: The labels.
    """

    graph: Path
    tokenizer: str
    reading: ReadingSettings
    inventory: Inventory

    @classmethod
    def checked(cls, folder: Path) -> ModelFiles:
        """Those of a folder.

        Raises:
            MissingDataError: It is no folder.
            ContentError: A file is missing, foreign, too large, changed, or not what it should be;
                every mistake is told.
        """
        if not folder.is_dir():
            raise MissingDataError(f"{folder} not found; {_TODO}")
        _refuse(folder, _listing_problems(folder))
        _refuse(folder, _hash_problems(folder))
        _refuse(folder, graph_problems(folder / GRAPH))
        reading = check(ReadingSettings, _json(folder / READING), str(folder / READING))
        return cls(
            folder / GRAPH,
            _text(folder / TOKENIZER),
            reading,
            _inventory(folder),
        )


def _refuse(folder: Path, problems: list[Problem]) -> None:
    if problems:
        raise ContentError(f"{folder} is not a model that the kit exported", problems)


def _listing_problems(folder: Path) -> list[Problem]:
    """What is there and should not be, or is not there, or is too large."""
    problems = []
    for path in sorted(folder.iterdir()):
        where = str(path)
        if path.name not in _MOST_BYTES:
            found = "a folder" if path.is_dir() else "a file that no export writes"
            problems.append(Problem(where, found, f"only {', '.join(_MOST_BYTES)}", "remove it"))
        elif path.is_symlink() or not path.is_file():
            found = "a link" if path.is_symlink() else "no plain file"
            problems.append(Problem(where, found, "the file itself", _TODO))
        elif (size := path.stat().st_size) > _MOST_BYTES[path.name]:
            most = f"at most {_MOST_BYTES[path.name]:,}"
            problems.append(Problem(where, f"{size:,} bytes", most, _TODO))
    problems += [
        Problem(str(folder / name), "not found", todo=_TODO)
        for name in (*FILES, HASHES)
        if not (folder / name).exists() and not (folder / name).is_symlink()
    ]
    return problems


def _hash_problems(folder: Path) -> list[Problem]:
    values = _json(folder / HASHES)
    problems = []
    for name in FILES:
        where = f"{folder / HASHES}: {name}"
        expected = check(FileHash, _mapping(values.get(name), where), where)
        actual = FileHash.of(folder / name)
        if actual != expected:
            problems.append(
                Problem(
                    str(folder / name),
                    f"{actual.bytes:,} bytes of SHA-256 {actual.sha256}",
                    f"{expected.bytes:,} of {expected.sha256}, as {HASHES}",
                    f"it was changed or damaged; copy the folder anew or {_TODO}",
                )
            )
    return problems


def _json(path: Path) -> dict[str, Any]:
    try:
        value = jsonio.read_json(path)
    except ValueError as error:
        problem = Problem(str(path), f"not JSON: {error}", todo=_TODO)
        raise ContentError(f"{path} cannot be read", [problem]) from None
    return _mapping(value, str(path))


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        problem = Problem(where, "no mapping", "what the export writes", _TODO)
        raise ContentError(f"{where} cannot be read", [problem])
    return value


def _inventory(folder: Path) -> Inventory:
    path = folder / INVENTORY
    try:
        return read_inventory(folder)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem(str(path), f"{error}", "intents and slots", _TODO)
        raise ContentError(f"{path} is not an inventory", [problem]) from None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        problem = Problem(str(path), f"byte {error.start} is not UTF-8", todo=_TODO)
        raise ContentError(f"{path} cannot be read", [problem]) from None
