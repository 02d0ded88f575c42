"""Where the mean vectors of languages lie to each other, beside what linguists say of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from massive_kit.analysis.language_tree import (
    agreement,
    average_linkage,
    cosine_distances,
    plane,
)
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Join, LanguageMap

_COLUMNS = ("genus", "family", "script")


def language_map(
    layer: int, means: Mapping[str, NDArray[np.float32]], languages: LanguageTable
) -> LanguageMap:
    """The map of some languages.

    Args:
        layer: The layer.
        means: The mean vector of each.
        languages: Genus, family and script of each.
    """
    locales = [*means]
    vectors = np.stack([*means.values()])
    # What all languages share says nothing of how they differ, and makes every cosine all but 1.
    merges = average_linkage(cosine_distances(vectors - vectors.mean(axis=0)))
    members = [[locale] for locale in locales]
    joins = []
    for merge in merges:
        sides = [members[merge.left], members[merge.right]]
        members.append([*sides[0], *sides[1]])
        joins.append(Join(members=sides, height=merge.height))
    agreements = {
        column: agreement(merges, [languages[locale].get(column) for locale in locales])
        for column in _COLUMNS
    }
    return LanguageMap(
        layer=layer,
        places={
            locale: (round(float(x), 6), round(float(y), 6))
            for locale, (x, y) in zip(locales, plane(vectors), strict=True)
        },
        joins=joins,
        agreement={
            name: round(value, 6) + 0.0 for name, value in agreements.items() if value is not None
        },
    )
