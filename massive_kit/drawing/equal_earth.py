"""The Equal Earth projection: a map of the world whose areas are true."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Degrees = npt.ArrayLike
Points = npt.NDArray[np.float64]

# Šavrič, Patterson and Jenny 2019, The Equal Earth map projection, equations 5 to 7.
_A = (1.340264, -0.081106, 0.000893, 0.003796)
# How far the middle of the right edge is from that of the map, for a globe of radius 1.
HALF_WIDTH = 2 * np.sqrt(3) * np.pi / (3 * _A[0])


def equal_earth(longitude: Degrees, latitude: Degrees) -> Points:
    """Where places are on a map of a globe of radius 1, y upwards.

    Args:
        longitude: In degrees east, of the middle meridian 0.
        latitude: In degrees north.

    Returns:
        Shape (places, 2).
    """
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(latitude)))
    squared = theta * theta
    sixth = squared**3
    stretch = _A[0] + 3 * _A[1] * squared + sixth * (7 * _A[2] + 9 * _A[3] * squared)
    x = 2 * np.sqrt(3) * np.radians(longitude) * np.cos(theta) / (3 * stretch)
    y = theta * (_A[0] + _A[1] * squared + sixth * (_A[2] + _A[3] * squared))
    return np.stack(np.broadcast_arrays(x, y), axis=-1)
