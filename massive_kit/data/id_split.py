"""Ids in two parts: those whose utterances are read in pairs, and those that lend their labels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BYTES = 8


@dataclass(frozen=True, slots=True)
class IdSplit:
    """A share of all ids. Which are of it hangs on the seed and on each id alone.

    Attributes:
        share: About which share.
        seed: Seed of the draw.
    """

    share: float
    seed: int

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> IdSplit:
        """The inverse of `to_json`.

        Raises:
            KeyError: A key is missing.
            ValueError: A value is no number.
        """
        return cls(float(value["share"]), int(value["seed"]))

    def to_json(self) -> dict[str, Any]:
        """As it is kept beside a run."""
        return {"share": self.share, "seed": self.seed}

    def holds(self, identity: str) -> bool:
        """Whether an id is of the share."""
        digest = hashlib.sha256(f"{self.seed}\tpairs\t{identity}".encode()).digest()
        place = int.from_bytes(digest[:_BYTES]) / float(1 << (8 * _BYTES))
        return place < self.share
