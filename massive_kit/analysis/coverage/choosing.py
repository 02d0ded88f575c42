"""Which languages to annotate next: those that bring most people's languages nearer to labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from massive_kit.analysis.coverage.distances import Matrix, distances, kilometres
from massive_kit.analysis.coverage.forecast_widths import ForecastWidths
from massive_kit.languages.world.table import WorldLanguage, WorldTable

Weight = Literal["log", "speakers"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A language to annotate, and why.

    Attributes:
        language: The language.
        gain: By how much the mean distance falls, times the logarithm of its own users to base 10.
        mean_distance: The mean distance to the nearest covered language, afterwards.
        nearest: The nearest language that was covered before; `None` where none was.
        distance: The distance to that one.
        kilometres: How far that one is.
        nearer: Languages that it is nearer to than any covered before, itself not among them, those
            that matter most first.
        nearer_speakers: The users of those.
    """

    language: WorldLanguage
    gain: float
    mean_distance: float
    nearest: WorldLanguage | None
    distance: float
    kilometres: float
    nearer: tuple[WorldLanguage, ...]
    nearer_speakers: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes:
        number: How many languages.
        weight: A language counts by the logarithm of its users to base 10, or by its users.
        min_speakers: The fewest users of a language that may be chosen.
        without: Codes of languages that may not be chosen.
        forecast: How sure forecasts are; a language then counts the more, the less sure its own is.
    """

    number: int
    weight: Weight = "log"
    min_speakers: int = 1_000_000
    without: frozenset[str] = frozenset()
    forecast: ForecastWidths | None = None


def choose(world: WorldTable, covered: Sequence[WorldLanguage], wish: Wish) -> list[Choice]:
    """Chooses one after the other, each the one that helps most beside those before.

    What is to fall is the mean, over the languages whose users were counted, of the distance to the
    nearest covered language; each counts by its weight. Of two that make it fall alike, the one
    with more users of its own is taken, since how far it falls is told times their logarithm.

    Args:
        world: The world's languages.
        covered: Those that have labels.
        wish: What is asked for.
    """
    counted = [language for language in world if language.speakers]
    weights = _weights(counted, wish)
    inside = {language.code for language in covered}
    candidates = [
        language
        for language in counted
        if language.code not in inside | wish.without
        and (language.speakers or 0) >= wish.min_speakers
    ]
    to_candidates = distances(counted, candidates)
    nearest = np.ones(len(counted))
    if covered:
        nearest = distances(counted, covered).min(axis=1)
    had, choices = [*covered], []
    users = np.array([math.log10(1 + (language.speakers or 0)) for language in candidates])
    for _ in range(min(wish.number, len(candidates))):
        gains = users * (weights @ np.maximum(nearest[:, None] - to_candidates, 0))
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        better = nearest - to_candidates[:, best]
        nearest = np.minimum(nearest, to_candidates[:, best])
        mean = float(weights @ nearest)
        helped = _helped(counted, candidates[best], weights * better)
        choices.append(_choice(candidates[best], float(gains[best]), mean, had, helped))
        had.append(candidates[best])
    return choices


def mean_distance(world: WorldTable, covered: Sequence[WorldLanguage], wish: Wish) -> float:
    """The mean that `choose` makes fall, before anything is chosen; 1 where nothing is covered."""
    counted = [language for language in world if language.speakers]
    if not covered:
        return 1.0
    return float(_weights(counted, wish) @ distances(counted, covered).min(axis=1))


def _weights(counted: Sequence[WorldLanguage], wish: Wish) -> Matrix:
    """How much each language counts; they add up to 1."""
    speakers = np.array([language.speakers or 0 for language in counted], dtype=float)
    weights = np.log10(1 + speakers) if wish.weight == "log" else speakers
    if wish.forecast is not None:
        weights = weights * np.array([wish.forecast.weight(each.code) for each in counted])
    return np.asarray(weights / weights.sum())


def _helped(
    counted: Sequence[WorldLanguage], chosen: WorldLanguage, gains: Matrix
) -> tuple[WorldLanguage, ...]:
    return tuple(
        counted[position]
        for position in np.argsort(-gains, kind="stable")
        if gains[position] > 0 and counted[position].code != chosen.code
    )


def _choice(
    chosen: WorldLanguage,
    gain: float,
    mean: float,
    had: Sequence[WorldLanguage],
    helped: tuple[WorldLanguage, ...],
) -> Choice:
    nearest, distance, far = None, 1.0, float("nan")
    if had:
        row, ways = distances([chosen], had)[0], kilometres([chosen], had)[0]
        position = int(np.lexsort((ways, row.round(9)))[0])
        nearest, distance, far = had[position], float(row[position]), float(ways[position])
    users = sum(language.speakers or 0 for language in helped)
    return Choice(chosen, gain, mean, nearest, distance, far, helped, users)
