"""Ridge regression with a penalty for each block, leave-one-out in closed form, intervals.

With standardised columns X_b of block b, p_b of them, the model minimises
|y - m - sum_b X_b beta_b|^2 + sum_b p_b |beta_b|^2 / w_b. Solved in its dual form, with the kernel
K = sum_b w_b K_b, a block may also be a kernel over distances. w_b = 0 leaves a block out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from massive_kit.analysis.forecast.blocks import Array, Block, Grams, Rows

WEIGHTS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
# A block has to lower the error by this share to be taken in.
_LEAST_GAIN = 0.005


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one row.

    Attributes:
        value: The forecast.
        low: Lower end of the interval.
        high: Upper end of the interval.
        leverage: Variance of the forecast, in units of the noise.
        parts: By block, how far it moves the forecast from the mean.
    """

    value: float
    low: float
    high: float
    leverage: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class BlockRidge:
    """A fitted model.

    Attributes:
        blocks: Names of the blocks.
        weights: Weight of each.
        mean: The intercept.
        targets: What it was fitted to.
        inverse: (K + I)^-1 of the fitted rows.
        grams: How alike rows are, by block.
    """

    blocks: tuple[str, ...]
    weights: tuple[float, ...]
    mean: float
    targets: Array
    inverse: Array
    grams: tuple[Grams, ...]

    @classmethod
    def fit(cls, blocks: Sequence[Block], targets: Array, fitted: Rows) -> BlockRidge:
        """Fits a model, its weights chosen by leave-one-out over the fitted rows alone.

        Args:
            blocks: What may be weighted.
            targets: The score of each fitted row.
            fitted: Which rows of the blocks these are.
        """
        grams = tuple(block.grams(fitted) for block in blocks)
        square = np.array([gram.cross[fitted] for gram in grams]).reshape(-1, *[len(fitted)] * 2)
        weights = chosen_weights(square, targets)
        inverse = inverted(np.tensordot(weights, square, 1))
        sums = inverse.sum(axis=1)
        mean = float(sums @ targets / sums.sum())
        names = tuple(block.name for block in blocks)
        return cls(names, tuple(map(float, weights)), mean, targets, inverse, grams)

    @property
    def residuals(self) -> Array:
        """Leave-one-out residuals at these weights, in closed form."""
        return np.asarray(left_out(self.inverse[None], self.targets)[0])

    @property
    def leverages(self) -> Array:
        """The variance of each fitted row's forecast by a model without it, in units of noise."""
        return np.asarray(1 / np.diag(_centred(self.inverse[None])[0]))

    def predict(self, row: int, level: float) -> Prediction:
        """The forecast of a row, with a jackknife+ interval (Barber et al. 2021).

        Args:
            row: Of the blocks.
            level: Share of cases that intervals should hold, such as 0.9.
        """
        by_block = [w * g.cross[row] for w, g in zip(self.weights, self.grams, strict=True)]
        cross = np.sum(by_block, axis=0) if by_block else np.zeros(len(self.targets))
        dual = self.inverse @ (self.targets - self.mean)
        sums = self.inverse.sum(axis=1)
        rest = 1 - cross @ sums
        # How the forecast moves with each target; a target left out is one set to its forecast.
        influence = sums / sums.sum() * rest + self.inverse @ cross
        value = float(self.mean + cross @ dual)
        residuals = self.residuals
        without = value - influence * residuals
        itself = sum(w * g.diagonal[row] for w, g in zip(self.weights, self.grams, strict=True))
        variance = itself + 1 - cross @ self.inverse @ cross + rest**2 / sums.sum()
        low, high = jackknife_plus(without, residuals, level)
        parts = {name: float(part @ dual) for name, part in zip(self.blocks, by_block, strict=True)}
        return Prediction(value, low, high, float(variance), parts)


def chosen_weights(square: Array, targets: Array) -> Array:
    """The weights with the least leave-one-out error, one change after the other.

    Args:
        square: Blocks by rows by rows, of the fitted rows.
        targets: Their scores.
    """
    weights = np.zeros(len(square))
    best = _error(weights[None], square, targets)[0]
    while len(square):
        trials = np.array(
            [
                [*weights[:block], weight, *weights[block + 1 :]]
                for block in range(len(square))
                for weight in WEIGHTS
                if weight != weights[block]
            ]
        )
        errors = _error(trials, square, targets)
        lowest = int(errors.argmin())
        if errors[lowest] > best * (1 - _LEAST_GAIN):
            break
        best, weights = errors[lowest], trials[lowest]
    return weights


def _error(weights: Array, square: Array, targets: Array) -> Array:
    """Root mean squared leave-one-out error for each row of weights."""
    residuals = left_out(inverted(np.tensordot(weights, square, 1)), targets)
    return np.asarray(np.sqrt((residuals**2).mean(axis=1)))


def inverted(kernels: Array) -> Array:
    """(K + I)^-1 of a kernel, or of each of several."""
    return np.asarray(np.linalg.inv(kernels + np.eye(kernels.shape[-1])), dtype=np.float64)


def left_out(inverses: Array, targets: Array) -> Array:
    """Target less forecast by a model without it, mean and coefficients fitted anew.

    Args:
        inverses: Some models' (K + I)^-1.
        targets: What all of them were fitted to.

    Returns:
        Models by rows.
    """
    centred = _centred(inverses)
    return np.asarray((centred @ targets) / np.diagonal(centred, axis1=1, axis2=2))


def _centred(inverses: Array) -> Array:
    """The inverses less what the free intercept takes up."""
    sums = inverses.sum(axis=2)
    outer = sums[:, :, None] * sums[:, None, :]
    return np.asarray(inverses - outer / sums.sum(axis=1)[:, None, None])


def jackknife_plus(without: Array, residuals: Array, level: float) -> tuple[float, float]:
    """The interval of Barber, Candes, Ramdas and Tibshirani 2021 (arXiv 1905.02928).

    Args:
        without: Forecasts of one row by models without each of the fitted rows.
        residuals: Leave-one-out residuals of the fitted rows.
        level: Share of cases that intervals should hold; 2 * level - 1 is certain where rows are
            exchangeable, and about `level` is usual.
    """
    count = len(residuals)
    lows, highs = np.sort(without - np.abs(residuals)), np.sort(without + np.abs(residuals))
    below = floor((1 - level) * (count + 1) + 1e-9)
    above = ceil(level * (count + 1) - 1e-9)
    low = lows[below - 1] if below else -np.inf
    high = highs[above - 1] if above <= count else np.inf
    return float(low), float(high)
