"""What tells ids by position apart where files share a locale and partition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath


def place_prefixes(
    parts: Mapping[PurePosixPath, Collection[tuple[str, str]]],
) -> dict[PurePosixPath, str]:
    """What ids begin with, for files of which another one has a part, too.

    Args:
        parts: By file, the locales and partitions of its rows without ids.
    """
    shared = Counter(part for of_file in parts.values() for part in of_file)
    # A name need only be unique in a part, so that folders of locales can have the same ids.
    stems = Counter((part, path.stem) for path, of_file in parts.items() for part in of_file)
    prefixes = {}
    for path, of_file in parts.items():
        if any(shared[part] > 1 for part in of_file):
            alike = any(stems[part, path.stem] > 1 for part in of_file)
            prefixes[path] = ("-".join(path.with_suffix("").parts) if alike else path.stem) + "-"
    return prefixes
