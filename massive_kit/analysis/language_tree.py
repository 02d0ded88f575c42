"""Languages joined by how near their mean vectors are, and how that agrees with their families."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters that become one.

    Attributes:
        left: A leaf by its number, or the i-th merge as `leaves + i`.
        right: Another one.
        height: The mean distance between their leaves.
    """

    left: int
    right: int
    height: float


def cosine_distances(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """One less the cosine of each two; shape (n, n)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors.astype(np.float64) / np.maximum(lengths, 1e-12)
    distances: NDArray[np.float64] = np.clip(1 - units @ units.T, 0, 2)
    return distances


def average_linkage(distances: NDArray[np.float64]) -> list[Merge]:
    """Joins the two nearest clusters until one is left (UPGMA, Sokal and Michener 1958).

    Args:
        distances: Shape (n, n), symmetric.

    Returns:
        n - 1 merges.
    """
    between = distances.astype(np.float64).copy()
    np.fill_diagonal(between, np.inf)
    numbers, sizes = [*range(len(between))], np.ones(len(between))
    merges: list[Merge] = []
    for step in range(len(between) - 1):
        a, b = sorted(int(i) for i in np.unravel_index(between.argmin(), between.shape))
        merges.append(Merge(numbers[a], numbers[b], float(between[a, b])))
        mean = (sizes[a] * between[a] + sizes[b] * between[b]) / (sizes[a] + sizes[b])
        between[a], between[:, a] = mean, mean
        between[a, a] = np.inf
        between[b], between[:, b] = np.inf, np.inf
        sizes[a] += sizes[b]
        numbers[a] = len(distances) + step
    return merges


def clusters(merges: Sequence[Merge], count: int) -> list[int]:
    """The cluster of each leaf where there are so many clusters."""
    leaves = len(merges) + 1
    members: dict[int, list[int]] = {leaf: [leaf] for leaf in range(leaves)}
    for step, merge in enumerate(merges[: leaves - count]):
        members[leaves + step] = members.pop(merge.left) + members.pop(merge.right)
    cluster_of = {leaf: number for number, group in members.items() for leaf in group}
    return [cluster_of[leaf] for leaf in range(leaves)]


def adjusted_rand(one: Sequence[Hashable], other: Sequence[Hashable]) -> float:
    """How far two partitions agree (Hubert and Arabie 1985): 1 wholly, 0 as by chance."""
    together = sum(comb(n, 2) for n in Counter(zip(one, other, strict=True)).values())
    in_one, in_other = (sum(comb(n, 2) for n in Counter(side).values()) for side in (one, other))
    pairs = comb(len(one), 2)
    by_chance = in_one * in_other / pairs if pairs else 0.0
    most = (in_one + in_other) / 2
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def agreement(merges: Sequence[Merge], groups: Sequence[str | None]) -> float | None:
    """The adjusted Rand index of the tree, cut into as many clusters as there are groups.

    Args:
        merges: The tree.
        groups: Of each leaf; `None` leaves it out of the count.

    Returns:
        `None` where no group has two members, so that nothing could agree.
    """
    known = [leaf for leaf, group in enumerate(groups) if group is not None]
    sizes = Counter(groups[leaf] for leaf in known)
    if len(sizes) < 2 or max(sizes.values()) < 2:  # noqa: PLR2004 - two
        return None
    cut = clusters(merges, len({*groups} - {None}))
    return adjusted_rand([cut[leaf] for leaf in known], [groups[leaf] for leaf in known])


def plane(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Their places on the two axes along which they differ most (PCA); shape (n, 2)."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    places = np.zeros((len(vectors), 2))
    found = (left * values)[:, :2]
    # An axis has no direction of its own; the same one each time makes the same picture.
    found *= np.where(np.abs(found).max(axis=0) == found.max(axis=0), 1.0, -1.0)
    places[:, : found.shape[1]] = found
    return places
