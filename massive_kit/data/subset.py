"""A part of a partition, named by ids: what a task scores where it does not score everything."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.errors import ConfigError, Problem

# A list of ids has a few bytes a line; a larger file is something else.
_MAX_BYTES = 50_000_000
_COMMENT = "#"


@dataclass(frozen=True, slots=True)
class Subset:
    """Some ids of a partition, the same in every locale.

    Attributes:
        partition: The partition.
        ids: The ids, in no order: rows keep that of the data.
    """

    partition: str
    ids: frozenset[str]

    @property
    def name(self) -> str:
        """How many ids there are and a hash of them, as signatures have it: `200@1a2b3c4d`."""
        return subset_name(self.ids)

    def of(self, table: pa.Table) -> pa.Table:
        """The rows of a table with an `id` column that are of the subset, in their order."""
        wanted = pa.array(sorted(self.ids), pa.string())
        return table.filter(pc.is_in(table.column("id"), value_set=wanted))


def subset_name(ids: Iterable[str]) -> str:
    """How many different ids there are, and a hash of them."""
    ordered = sorted(set(ids))
    digest = hashlib.sha256("\n".join(ordered).encode()).hexdigest()
    return f"{len(ordered)}@{digest[:8]}"


def read_ids(path: Path) -> frozenset[str]:
    """The ids that a file lists, one a line; what comes after `#` is a comment.

    Raises:
        ConfigError: There is no such file, or it does not list ids; every mistake is listed.
    """
    if not path.is_file():
        problem = Problem(str(path), "no such file", "a list of ids, one a line")
        raise ConfigError("the ids of a task are not found", [problem])
    size = path.stat().st_size
    if size > _MAX_BYTES:
        problem = Problem(str(path), f"{size:,} bytes", f"at most {_MAX_BYTES:,}")
        raise ConfigError(f"{path} is too large", [problem])
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        problem = Problem(str(path), f"byte {error.start} is not UTF-8")
        raise ConfigError(f"{path} cannot be read", [problem]) from None
    ids = {
        number: identity
        for number, line in enumerate(lines, 1)
        if (identity := line.partition(_COMMENT)[0].strip())
    }
    counts = Counter(ids.values())
    problems = [
        Problem(str(path), f"id {identity!r:.60} stands here twice", line=number)
        for number, identity in ids.items()
        if counts[identity] > 1
    ]
    if not ids:
        problems.append(Problem(str(path), "no ids", "one a line"))
    if problems:
        raise ConfigError(f"{path} does not list ids", problems)
    return frozenset(counts)


def ids_text(ids: Iterable[str], comment: str) -> str:
    """What `read_ids` reads: a comment, and the ids in the order given."""
    return "".join(f"{line}\n" for line in (f"{_COMMENT} {comment}", *ids))
