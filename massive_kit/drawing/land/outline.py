"""Reads the outline."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE = Path(__file__).with_name("land.json")


@cache
def land() -> tuple[npt.NDArray[np.float64], ...]:
    """Rings of points, each of longitude and latitude in degrees; without Antarctica."""
    rings: list[list[int]] = json.loads(_FILE.read_text("utf-8"))
    return tuple(np.asarray(ring, dtype=float).reshape(-1, 2) / 10 for ring in rings)
