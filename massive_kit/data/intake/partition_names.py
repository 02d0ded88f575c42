"""Partitions by the names that corpora give them."""

from __future__ import annotations

import re

# CoNLL-2003 calls its files `eng.train`, `eng.testa` and `eng.testb`.
_ALIASES = {
    "train": ("training", "trn"),
    "dev": ("devel", "development", "valid", "validate", "validation", "val", "testa"),
    "test": ("testing", "tst", "testb"),
}
_BY_NAME = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}

# They become names of files.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def canonical_partition(name: str) -> str:
    """`train`, `dev` or `test` for what means one of them, in any case; else the name itself."""
    return _BY_NAME.get(name.lower(), name)


def is_partition(word: str) -> bool:
    """Whether a word means the training, the development or the test set."""
    return word.lower() in _BY_NAME


def partition_problem(name: str) -> str | None:
    """Why a name cannot be that of a partition; `None` where it can."""
    if _NAME.fullmatch(name):
        return None
    expected = "train, dev, test or another name of up to 64 letters, digits, dots, - and _"
    return f"partition is {name!r:.60}; expected {expected}"
