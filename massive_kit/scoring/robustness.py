"""How often a system's answer changes where an utterance changes a little, with intervals.

An utterance and its variant are a pair, and the bootstrap draws ids, in all locales at once, as for
scores: `massive_kit.scoring.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.scores import Difference, Estimate
from massive_kit.scoring.bootstrap import percentile, weights

# Columns of counts: how many pairs; and in how many of them each is so.
_COLUMNS = ("n", "intent_flips", "answer_flips", "match_flips", "before", "after")


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a system said of utterances of a locale and of their variants; arrays of shape (n,).

    Attributes:
        ids: Of the utterances; where these were made of others, of those.
        intent_flips: Whether the intent is another.
        answer_flips: Whether the intent or a slot is another.
        before: Whether all was right of the utterance.
        after: Whether all was right of its variant.
    """

    ids: list[str]
    intent_flips: NDArray[np.bool_]
    answer_flips: NDArray[np.bool_]
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self.ids)

    def columns(self) -> NDArray[np.float32]:
        """What is counted of each pair, in the order of `_COLUMNS`; shape (n, columns)."""
        by_name = {
            "n": np.ones(len(self)),
            "intent_flips": self.intent_flips,
            "answer_flips": self.answer_flips,
            "match_flips": self.before != self.after,
            "before": self.before,
            "after": self.after,
        }
        return np.stack([by_name[name] for name in _COLUMNS], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Robustness:
    """What small changes do to a system's answers.

    Attributes:
        pairs: Utterances with a variant.
        intent_flips: Share of them whose intent becomes another.
        answer_flips: Share of them whose intent or slots become others.
        match_flips: Share of them that become wrong where they were right, or the reverse.
        before: Exact match on the utterances.
        after: Exact match on their variants.
        change: Of exact match.
    """

    pairs: int
    intent_flips: Estimate
    answer_flips: Estimate
    match_flips: Estimate
    before: Estimate
    after: Estimate
    change: Difference


def robustness(
    pairs: Mapping[str, Pairs], resamples: int, seed: int
) -> tuple[dict[str, Robustness], Robustness | None]:
    """Those of each locale that has a pair, and of all pairs together; `None` where there is none.

    Args:
        pairs: By locale.
        resamples: Of the bootstrap; 0 for no intervals.
        seed: Of the bootstrap.
    """
    locales = [locale for locale, of_locale in pairs.items() if len(of_locale)]
    if not locales:
        return {}, None
    names = sorted({name for locale in locales for name in pairs[locale].ids})
    index = {name: place for place, name in enumerate(names)}
    values = np.zeros((len(names), len(locales), len(_COLUMNS)), np.float32)
    for place, locale in enumerate(locales):
        rows = [index[name] for name in pairs[locale].ids]
        np.add.at(values[:, place], rows, pairs[locale].columns())
    flat = values.reshape(len(names), -1)
    drawn = [block @ flat for block in weights(len(names), resamples, seed)]
    sums = np.concatenate([flat.sum(axis=0, keepdims=True), *drawn])
    sums = sums.reshape(-1, len(locales), len(_COLUMNS)).astype(np.float64)
    by_locale = {locale: _of(sums[:, place]) for place, locale in enumerate(locales)}
    return by_locale, _of(sums.sum(axis=1))


def _of(sums: NDArray[np.float64]) -> Robustness:
    """The estimates from sums of the columns: those of all pairs first, then of each resample."""
    pairs = sums[:, :1]
    shares = np.divide(sums[:, 1:], pairs, out=np.full_like(sums[:, 1:], np.nan), where=pairs > 0)
    columns = dict(zip(_COLUMNS[1:], shares.T, strict=True))
    change = columns["after"] - columns["before"]
    return Robustness(
        int(sums[0, 0]),
        **{name: Estimate(value=values[0], **_bounds(values)) for name, values in columns.items()},
        change=Difference(value=change[0], **_bounds(change)),
    )


def _bounds(values: NDArray[np.float64]) -> dict[str, float]:
    if len(values) == 1:
        return {}
    bounds = percentile(values[1:])
    if np.isnan(bounds.low):
        return {}
    return {"low": float(bounds.low), "high": float(bounds.high)}
