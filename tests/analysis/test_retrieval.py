from __future__ import annotations

import numpy as np
import pytest

from massive_kit.analysis.centroids import class_means, nearest_direction, nearest_mean
from massive_kit.analysis.retrieval import Searched, retrieval


def searched(vectors: np.ndarray, mean: np.ndarray, classes: object = None) -> Searched:
    numbers = np.zeros(len(vectors), np.int64) if classes is None else np.asarray(classes)
    return Searched(vectors.astype(np.float32), mean.astype(np.float32), numbers)


def plain_hits(queries: np.ndarray, candidates: np.ndarray, gold: np.ndarray, name: str) -> int:
    """The same by the definition, one query after the other."""
    hits = 0
    for query, right in zip(queries, gold, strict=True):
        if name.endswith("euclidean"):
            near = -np.linalg.norm(candidates - query, axis=1)
        else:
            lengths = np.linalg.norm(candidates, axis=1) * np.linalg.norm(query)
            near = candidates @ query / lengths
        hits += int((near > near[right]).sum() == 0)
    return hits


def test_every_comparison_counts_what_its_definition_says() -> None:
    chance = np.random.default_rng(0)
    candidates = chance.normal(size=(1500, 8)) + 3
    gold = chance.permutation(1500)[:1100]
    queries = candidates[gold] + chance.normal(scale=0.6, size=(1100, 8)) + np.arange(8)
    mean, home = queries.mean(axis=0) + 0.1, candidates.mean(axis=0) - 0.1
    counts = retrieval(searched(queries, mean), searched(candidates, home), gold)
    moved = queries + home - mean
    expected = {
        "raw_euclidean": plain_hits(queries, candidates, gold, "euclidean"),
        "raw_cosine": plain_hits(queries, candidates, gold, "cosine"),
        "offset_euclidean": plain_hits(moved, candidates, gold, "euclidean"),
        "offset_cosine": plain_hits(moved, candidates, gold, "cosine"),
        "centred_cosine": plain_hits(queries - mean, candidates - home, gold, "cosine"),
    }
    # Sums in another order may turn over what is all but equally near.
    assert {name: found.at_1 for name, found in counts.items()} == pytest.approx(expected, abs=2)
    assert expected["offset_euclidean"] > 2 * expected["raw_euclidean"]
    assert all(found.queries == 1100 and found.at_5 > found.at_1 for found in counts.values())


def test_a_candidate_of_the_same_vector_does_not_stand_before_the_translation() -> None:
    candidates = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    counts = retrieval(
        searched(np.array([[1.0, 0.1]]), np.zeros(2)),
        searched(candidates, np.zeros(2)),
        np.array([1]),
    )
    assert {found.at_1 for found in counts.values()} == {1}


def test_same_labels_count_where_labels_are_known() -> None:
    candidates = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    queries = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    counts = retrieval(
        searched(queries, np.zeros(2), [7, 8, -1]),
        searched(candidates, np.zeros(2), [7, 7, 9]),
        np.array([1, 2, 0]),
    )["raw_cosine"]
    assert (counts.at_1, counts.labelled, counts.same_labels) == (2, 2, 1)


def test_nearest_means() -> None:
    vectors = np.array([[1, 0], [3, 0], [0, 2], [9, 9]], np.float32)
    means = class_means(vectors, np.array([0, 0, 1, -1]), 3)
    assert means.tolist() == [[2, 0], [0, 2], [0, 0]]
    assert nearest_mean(np.array([[0.9, 0], [3, 0]], np.float32), means).tolist() == [2, 0]
    assert nearest_direction(vectors[:3], means).tolist() == [0, 0, 1]
