"""Whose labels to train on for a language, learnt from a matrix of transfer.

What is predicted is how much better a source is for a target than the other sources are. It is a
ridge on: how much better the source is for other targets, the same for other targets weighted by
how near they are to this one, and distances between source and target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.analysis.forecast.blocks import Array
from massive_kit.analysis.forecast.language_blocks import nearness
from massive_kit.analysis.forecast.language_rows import LanguageRow
from massive_kit.analysis.forecast.transfer_matrix import TransferMatrix
from massive_kit.languages.typology.distances import KINDS, distances

# At which distance the weight of another target has fallen to 1/e.
_WIDTH = 0.35
# Each counts as so many rows do; columns are standardised.
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What is known of pairs of languages before any score is.

    Attributes:
        codes: The languages.
        near: Languages by languages: 1 for the same, towards 0 for distant ones.
        kinds: Languages by languages by kinds of distance, and whether scripts differ.
    """

    codes: tuple[str, ...]
    near: Array
    kinds: Array

    @classmethod
    def of(cls, rows: Sequence[LanguageRow]) -> PairFacts:
        """Those of some languages, all of which the table of typology knows."""
        typologies = [row.typology for row in rows if row.typology is not None]
        kinds = np.array([distances(typology, typologies) for typology in typologies])
        scripts = np.array([[a.script != b.script for b in rows] for a in rows], dtype=float)
        near = np.exp(-((nearness(rows) / _WIDTH) ** 2))
        codes = tuple(row.code for row in rows)
        return cls(codes, near, np.concatenate([kinds, scripts[..., None]], axis=2))

    def among(self, first: Sequence[str], second: Sequence[str]) -> PairFacts:
        """The facts of some languages with others."""
        places = np.ix_([self.codes.index(c) for c in first], [self.codes.index(c) for c in second])
        return PairFacts(tuple(first), self.near[places], self.kinds[places])


def predicted_gains(matrix: TransferMatrix, target: str, facts: PairFacts) -> dict[str, float]:
    """How much better each source is for a target than the mean source, in 0..1.

    Neither scores on the target nor those of a system trained on it are looked at.

    Args:
        matrix: Scores.
        target: Any language that the facts know.
        facts: Of all languages of the matrix, and the target.
    """
    sources = tuple(code for code in matrix.sources if code != target)
    others = tuple(code for code in matrix.targets if code != target)
    gains = _gains(matrix, sources, others)
    pairs = facts.among(sources, (*others, target))
    alike = facts.among((*others, target), others).near.copy()
    # No target lends its own scores to itself.
    np.fill_diagonal(alike, 0)
    columns = _columns(gains, pairs, alike)
    known = np.isfinite(gains)
    fitted = columns[:, :-1][known]
    mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
    spread[spread == 0] = 1
    scaled = (columns - mean) / spread
    centre = gains[known].mean()
    weights = _weights(scaled[:, :-1], np.where(known, gains - centre, 0), known)
    values = centre + scaled[:, -1] @ weights
    return dict(zip(sources, map(float, values), strict=True))


def _weights(columns: Array, gains: Array, known: NDArray[np.bool_]) -> Array:
    """Ridge, its penalty chosen by leaving each target out.

    Args:
        columns: Sources by targets by what a gain is predicted from, standardised.
        gains: Sources by targets, of mean 0; 0 where unknown.
        known: Which ones are known.
    """
    used = columns * known[..., None]
    squares = np.einsum("stk,stl->tkl", used, used)
    products = np.einsum("stk,st->tk", used, gains)
    square, product = squares.sum(axis=0), products.sum(axis=0)
    unit = np.eye(len(product))
    errors = []
    for penalty in PENALTIES:
        without = np.linalg.solve(
            square - squares + penalty * unit, (product - products)[..., None]
        )
        off = gains - np.einsum("stk,tk->st", used, without[..., 0])
        errors.append(float((off**2).sum()))
    chosen = PENALTIES[int(np.argmin(errors))]
    return np.asarray(np.linalg.solve(square + chosen * unit, product))


def average_gains(matrix: TransferMatrix, target: str) -> dict[str, float]:
    """How much better each source is on average over all other targets: a simple rule."""
    sources = tuple(code for code in matrix.sources if code != target)
    others = tuple(code for code in matrix.targets if code != target)
    return dict(zip(sources, known_mean(_gains(matrix, sources, others), 1), strict=True))


def nearest_first(matrix: TransferMatrix, target: str, facts: PairFacts) -> dict[str, float]:
    """How near each source is, by mean of genetic and syntactic distance: a simple rule."""
    sources = tuple(code for code in matrix.sources if code != target)
    kinds = facts.among(sources, (target,)).kinds[:, 0]
    chosen = [KINDS.index("genetic"), KINDS.index("syntactic")]
    far = np.nan_to_num(kinds[:, chosen], nan=1.0).mean(axis=1)
    return dict(zip(sources, map(float, -far), strict=True))


def _gains(matrix: TransferMatrix, sources: Sequence[str], targets: Sequence[str]) -> Array:
    """Scores less the mean over sources; NaN where source and target are one language."""
    rows = [matrix.sources.index(code) for code in sources]
    values = matrix.values[np.ix_(rows, [matrix.targets.index(code) for code in targets])].copy()
    values[np.array([[source == target for target in targets] for source in sources])] = np.nan
    return np.asarray(values - known_mean(values, 0))


def _columns(gains: Array, pairs: PairFacts, alike: Array) -> Array:
    """Sources by targets (the one asked for last) by what a gain is predicted from."""
    known = np.isfinite(gains)
    plain = np.where(known, gains, 0)
    # The mean over other targets, without the one that the row is of; of the last, over all.
    count = known.sum(axis=1)[:, None] - np.pad(known, ((0, 0), (0, 1)))
    total = plain.sum(axis=1)[:, None] - np.pad(plain, ((0, 0), (0, 1)))
    usual = total / np.maximum(count, 1)
    weighted = (plain @ alike.T) / np.maximum(known @ alike.T, 1e-9)
    kinds = pairs.kinds
    means = known_mean(kinds.reshape(-1, kinds.shape[2]), 0)
    filled = np.where(np.isnan(kinds), means, kinds)
    return np.concatenate(
        [usual[..., None], weighted[..., None], pairs.near[..., None], filled], axis=2
    )


def known_mean(values: Array, axis: int | None = None) -> Array:
    """The mean of what is known; 0 where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(axis=axis)
    return np.asarray(total / np.maximum(known.sum(axis=axis), 1))
