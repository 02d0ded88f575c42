"""Scores that are not defined: NaN in arrays, `None` in what is written and shown.

A score is not defined where its denominator counts nothing: slot F1 where neither side has a slot,
intent accuracy without gold intents. It is left out then, never 0.
"""

from __future__ import annotations

import math

from massive_kit.schema.scores import Difference, Estimate


def number(value: float) -> float | None:
    """A number, or `None` for NaN."""
    return None if math.isnan(value) else float(value)


def estimate(value: float, low: float = math.nan, high: float = math.nan) -> Estimate | None:
    """A score with its interval, each where it is defined."""
    if math.isnan(value):
        return None
    value, low, high = (_clip(end, 0.0) for end in (value, low, high))
    return Estimate(value=value, low=number(low), high=number(high))


def difference(value: float, low: float = math.nan, high: float = math.nan) -> Difference | None:
    """A difference of scores with its interval, each where it is defined."""
    if math.isnan(value):
        return None
    value, low, high = (_clip(end, -1.0) for end in (value, low, high))
    return Difference(value=value, low=number(low), high=number(high))


def _clip(value: float, least: float) -> float:
    # A mean of ones may come out a rounding error above one; NaN stays.
    return value if math.isnan(value) else min(max(float(value), least), 1.0)
