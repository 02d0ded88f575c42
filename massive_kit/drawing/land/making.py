"""Makes `land.json` from npm's world-atlas; nothing imports it.

How the shipped file was made, in an empty folder:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-*.tgz
    python making.py package/land-110m.json land.json
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ring = npt.NDArray[np.float64]

# In degrees: how far a line may be from the coast, and how large an island must be to be seen.
_TOLERANCE = 0.2
_SMALLEST = 0.3
# Nobody speaks a language of their own in Antarctica.
_SOUTHERNMOST = -60.0
_EDGE = 180.0


def main(topology: Path, out: Path) -> None:
    """Writes the outline of the land: rings of longitude, latitude, ... in tenths of a degree."""
    held = json.loads(topology.read_text("utf-8"))
    scale, shift = held["transform"]["scale"], held["transform"]["translate"]
    # Each point of an arc but the first is told as its distance from the one before.
    arcs = [np.cumsum(np.asarray(arc), axis=0) * scale + shift for arc in held["arcs"]]
    rings = [
        np.concatenate([arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in ring])
        for polygon in held["objects"]["land"]["geometries"][0]["arcs"]
        for ring in polygon
    ]
    shown = [
        _simplified(part)
        for ring in rings
        for part in _cut(ring)
        if ring[:, 1].max() > _SOUTHERNMOST and np.ptp(part, axis=0).max() > _SMALLEST
    ]
    flat = [np.rint(10 * ring).astype(int).ravel().tolist() for ring in shown]
    lines = ",\n".join(json.dumps(ring, separators=(",", ":")) for ring in flat)
    out.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _cut(ring: Ring) -> list[Ring]:
    """The parts on either side of the meridian where the map begins and ends."""
    unrolled = np.column_stack([np.unwrap(ring[:, 0], period=360), ring[:, 1]])
    parts = []
    for turn in (-360, 0, 360):
        part = _clipped(_clipped(unrolled + np.array([turn, 0]), 1), -1)
        if len(part):
            parts.append(part)
    return parts


def _clipped(ring: Ring, side: int) -> Ring:
    """What lies west of 180 degrees east (1), or east of 180 degrees west (-1)."""
    points: list[Ring] = []
    for start, end in pairwise(ring):
        beyond = (side * start[0] > _EDGE, side * end[0] > _EDGE)
        if not beyond[0]:
            points.append(start)
        if beyond[0] != beyond[1]:
            share = (side * _EDGE - start[0]) / (end[0] - start[0])
            points.append(start + share * (end - start))
    return np.array([*points, points[0]]) if points else np.empty((0, 2))


def _simplified(ring: Ring) -> Ring:
    """Without the points that lie near the line of others (Douglas and Peucker 1973)."""
    kept = np.zeros(len(ring), bool)
    # A ring ends where it begins, so the point that is furthest from there parts it in two.
    furthest = int(np.abs(ring - ring[0]).sum(axis=1).argmax())
    kept[[0, furthest, -1]] = True
    parts = [(0, furthest), (furthest, len(ring) - 1)]
    while parts:
        start, end = parts.pop()
        if end - start < 2:  # noqa: PLR2004 - a line of two points has none between
            continue
        along = ring[end] - ring[start]
        inner = ring[start + 1 : end] - ring[start]
        length = max(float(np.hypot(*along)), 1e-9)
        away = np.abs(along[0] * inner[:, 1] - along[1] * inner[:, 0]) / length
        if away.max() > _TOLERANCE:
            middle = start + 1 + int(away.argmax())
            kept[middle] = True
            parts += [(start, middle), (middle, end)]
    return ring[kept]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
