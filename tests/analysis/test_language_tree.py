from __future__ import annotations

import numpy as np
import pytest

from massive_kit.analysis.language_map import language_map
from massive_kit.analysis.language_tree import (
    adjusted_rand,
    agreement,
    average_linkage,
    clusters,
    cosine_distances,
    plane,
)
from massive_kit.languages import LanguageTable

VECTORS = np.array(
    [[1, 0, 0], [0.9, 0.2, 0], [0.1, 1, 0], [0, 1, 0.3], [0, 0.2, 1], [0.5, 0.5, 0.5]], np.float32
)


def test_a_tree_is_that_of_another_tool() -> None:
    merges = average_linkage(cosine_distances(VECTORS))
    # scipy 1.17: scipy.cluster.hierarchy.linkage(distances, "average"), to 6 digits.
    joined = [{merge.left, merge.right} for merge in merges]
    assert joined == [{0, 1}, {2, 3}, {4, 5}, {7, 8}, {6, 9}]
    heights = [0.023813, 0.046927, 0.320634, 0.496102, 0.758873]
    assert [merge.height for merge in merges] == pytest.approx(heights, abs=1e-5)
    cut = clusters(merges, 3)
    assert cut[0] == cut[1]
    assert cut[2] == cut[3]
    assert len({*cut}) == 3
    assert len({*clusters(merges, 6)}) == 6


def test_agreement_of_partitions() -> None:
    # scikit-learn 1.9: sklearn.metrics.adjusted_rand_score.
    assert adjusted_rand([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2]) == pytest.approx(4 / 9)
    assert adjusted_rand("aabbcc", "abcabc") == pytest.approx(-0.25)
    assert adjusted_rand("aabb", "xxyy") == 1
    merges = average_linkage(cosine_distances(VECTORS[:4]))
    assert agreement(merges, ["a", "a", "b", "b"]) == 1
    assert agreement(merges, ["a", "a", "b", None]) == 1
    assert agreement(merges, ["a", "b", "c", "d"]) is None
    assert agreement(merges, ["a", "a", "a", "a"]) is None


def test_the_plane_keeps_the_largest_distances() -> None:
    line = np.array([[0, 0, 0], [3, 4, 0], [6, 8, 0]], np.float32)
    places = plane(line)
    assert np.ptp(places[:, 0]) == pytest.approx(10)
    assert np.abs(places[:, 1]).max() == pytest.approx(0, abs=1e-6)
    assert plane(line[:, :1]).shape == (3, 2)


def test_a_map_of_languages() -> None:
    means = dict(zip(("de-DE", "nl-NL", "es-ES", "it-IT"), VECTORS, strict=False))
    made = language_map(12, means, LanguageTable.shipped())
    assert [*made.places] == [*means]
    pairs = [sorted([*join.members[0], *join.members[1]]) for join in made.joins[:2]]
    assert sorted(pairs) == [["de-DE", "nl-NL"], ["es-ES", "it-IT"]]
    assert {*made.joins[-1].members[0], *made.joins[-1].members[1]} == {*means}
    # All four are Indo-European and written in Latin script.
    assert made.agreement == {"genus": 1}
