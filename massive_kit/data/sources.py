"""Raw sources: the official archive, a directory of JSONL, or Parquet, as named streams of rows."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import MissingDataError


@dataclass(frozen=True, slots=True)
class RawFile:
    """One JSONL file of a source, as bytes."""

    name: str
    content: bytes


def raw_files(path: Path) -> Iterator[RawFile]:
    """The JSONL files of an archive, a directory or a single file; a directory sorted by name.

    Raises:
        MissingDataError: There is nothing to read at `path`.
    """
    if path.is_dir():
        found = [p for p in sorted(path.rglob("*")) if _is_jsonl(p.name)]
        if not found:
            raise MissingDataError(f"{path} holds no .jsonl or .jsonl.gz file")
        for one in found:
            raw = one.read_bytes()
            yield RawFile(str(one), gzip.decompress(raw) if one.suffix == ".gz" else raw)
    elif path.name.endswith((".tar.gz", ".tgz", ".tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                # macOS archives carry `._name` shadows.
                if member.isfile() and _is_jsonl(name) and not name.startswith("._"):
                    stream = archive.extractfile(member)
                    assert stream is not None
                    yield RawFile(f"{path.name}:{member.name}", stream.read())
    elif path.is_file():
        raw = path.read_bytes()
        yield RawFile(str(path), gzip.decompress(raw) if path.suffix == ".gz" else raw)
    else:
        raise MissingDataError(f"{path}: no such file or folder")


def _is_jsonl(name: str) -> bool:
    return name.endswith((".jsonl", ".jsonl.gz"))
