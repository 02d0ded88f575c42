"""Means of languages and of intents, and how many texts lie nearest to the mean of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def class_means(vectors: Matrix, classes: NDArray[np.int64], count: int) -> Matrix:
    """The mean of each class; zero of one without a member.

    Args:
        vectors: Shape (n, width).
        classes: Shape (n,), a number for each; below 0 for none.
        count: How many classes there are.

    Returns:
        Shape (classes, width).
    """
    known = classes >= 0
    sums = np.zeros((count, vectors.shape[1]), np.float64)
    np.add.at(sums, classes[known], vectors[known])
    sizes = np.bincount(classes[known], minlength=count)[:, None]
    return (sums / np.maximum(sizes, 1)).astype(np.float32)


def nearest_mean(vectors: Matrix, means: Matrix) -> NDArray[np.int64]:
    """The mean with the least Euclidean distance to each vector."""
    rows: NDArray[np.int64] = (vectors @ means.T - np.square(means).sum(axis=1) / 2).argmax(axis=1)
    return rows


def nearest_direction(vectors: Matrix, means: Matrix) -> NDArray[np.int64]:
    """The mean with the highest cosine to each vector."""
    lengths = np.maximum(np.linalg.norm(means, axis=1), 1e-12)
    rows: NDArray[np.int64] = (vectors @ means.T / lengths).argmax(axis=1)
    return rows
