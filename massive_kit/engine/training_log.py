"""The log of a run: losses and dev scores, one JSON object per line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from massive_kit.files.atomic import atomic_file


@dataclass(frozen=True, slots=True)
class TrainingLog:
    """A file of lines, each with its `step`."""

    path: Path

    def append(self, line: Mapping[str, Any]) -> None:
        """Adds a line."""
        with self.path.open("ab") as stream:
            stream.write(orjson.dumps(line) + b"\n")

    def cut_after(self, step: int) -> None:
        """Drops the lines after a step, which a resumed run writes again; after 0, all of them."""
        lines = self.path.read_bytes().splitlines() if self.path.is_file() and step else []
        kept = []
        for line in lines:
            try:
                if orjson.loads(line)["step"] <= step:
                    kept.append(line + b"\n")
            except ValueError:
                # The line that a killed run did not finish.
                break
        with atomic_file(self.path) as stream:
            stream.write(b"".join(kept))
