"""Distances on the globe."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def great_circle(
    latitude: ArrayLike,
    longitude: ArrayLike,
    other_latitude: ArrayLike,
    other_longitude: ArrayLike,
) -> NDArray[np.float64]:
    """The angle between places, in radians, by the haversine formula.

    Args:
        latitude: Of the first places, in degrees; arrays as numpy broadcasts them.
        longitude: The same.
        other_latitude: Of the second places.
        other_longitude: The same.
    """
    here, x, there, y = map(np.radians, (latitude, longitude, other_latitude, other_longitude))
    half = np.sin((here - there) / 2) ** 2
    half = half + np.cos(here) * np.cos(there) * np.sin((x - y) / 2) ** 2
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
