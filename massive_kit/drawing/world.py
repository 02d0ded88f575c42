"""A map of the world in pixels, without Antarctica."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from massive_kit.drawing.equal_earth import HALF_WIDTH, Degrees, Points, equal_earth
from massive_kit.drawing.land.outline import land

_SOUTHERNMOST, _NORTHERNMOST = -56.0, 80.0


@dataclass(frozen=True, slots=True)
class WorldFrame:
    """Where places lie in a picture, in the Equal Earth projection.

    Attributes:
        width: Of the picture, in pixels.
        margin: Left and right of the map.
        top: Where the map begins.
    """

    width: float
    margin: float = 0.0
    top: float = 0.0

    def places(self, longitudes: Degrees, latitudes: Degrees) -> Points:
        """Pixels of places, downwards.

        Returns:
            Shape (places, 2).
        """
        scale = (self.width / 2 - self.margin) / HALF_WIDTH
        points = np.atleast_2d(equal_earth(longitudes, latitudes))
        highest = equal_earth(0.0, _NORTHERNMOST)[1]
        shown = [self.width / 2 + scale * points[:, 0], self.top + scale * (highest - points[:, 1])]
        return np.stack(shown, axis=1)

    @property
    def bottom(self) -> float:
        """Where the map ends."""
        return float(self.places(0.0, _SOUTHERNMOST)[0, 1])

    def land(self) -> str:
        """The outline of the land, as the data of a path."""
        rings = (self.places(ring[:, 0], ring[:, 1]) for ring in land())
        return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "z" for ring in rings)
