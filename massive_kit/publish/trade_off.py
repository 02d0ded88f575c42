"""Scores against what a system costs: a scatter plot with the systems that none outdoes marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.publish import cells, scatter, svg
from massive_kit.publish.scatter import HEIGHT, WIDTH
from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import Estimate

_STEPS = (1, 2, 5)
_MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class CostedSystem:
    """A point of the plot.

    Attributes:
        name: The system's title.
        cost: What it costs, above 0.
        score: What it scores.
    """

    name: str
    cost: float
    score: Estimate


def front(systems: Sequence[CostedSystem], gain: Callable[[float], float]) -> list[int]:
    """The places of the systems that no other outdoes, cheapest first (the Pareto front).

    One outdoes another if it costs no more and scores no less, and is better in one of the two.

    Args:
        systems: The systems.
        gain: Turns a score so that more is better.
    """
    order = sorted(
        range(len(systems)), key=lambda i: (systems[i].cost, -gain(systems[i].score.value))
    )
    kept: list[int] = []
    for place in order:
        system = systems[place]
        if not kept:
            kept.append(place)
            continue
        last = systems[kept[-1]]
        value, best = gain(system.score.value), gain(last.score.value)
        same = value == best and system.cost == last.cost
        if value > best or same:
            kept.append(place)
    return kept


def plot(
    systems: Sequence[CostedSystem],
    marked: Sequence[int],
    *,
    caption: str,
    cost: str,
    score: str,
    shown: Callable[[float], str],
) -> Markup:
    """The plot as SVG: cost on a logarithmic scale to the right, score upwards.

    Args:
        systems: The systems, at least one.
        marked: The places of those on the front, cheapest first.
        caption: What it shows, in a sentence, for who does not see it.
        cost: What is on the axis to the right.
        score: What is on the axis upwards.
        shown: How a cost is written.
    """
    costs = [system.cost for system in systems]
    low, high = math.log10(min(costs)) - 0.15, math.log10(max(costs)) + 0.15
    axis = svg.Axis.of([system.score for system in systems])
    y = scatter.height_of(axis)

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return round(scatter.LEFT + share * (WIDTH - scatter.LEFT - scatter.RIGHT), 1)

    def drawn(system: CostedSystem, *, marked: bool = False) -> str:
        words = f"{safe_text(system.name)}: {cells.percent(system.score.value)}"
        words += f" at {shown(system.cost)}"
        return scatter.point(x(system.cost), axis, system.score, words, marked=marked)

    ticks = [(x(tick), shown(tick)) for tick in _ticks(low, high)]
    parts = scatter.frame(axis, ticks, cost, score)
    best = set(marked)
    parts += [drawn(system) for place, system in enumerate(systems) if place not in best]
    if steps := [(x(systems[i].cost), y(systems[i].score.value)) for i in marked]:
        line = f"M{steps[0][0]:g} {HEIGHT - scatter.BOTTOM}V{steps[0][1]:g}"
        line += "".join(f"H{right:g}V{top:g}" for right, top in steps[1:])
        parts.append(f'<path class="front" d="{line}H{WIDTH - scatter.RIGHT}"/>')
    labels = scatter.Labels([(x(system.cost), y(system.score.value)) for system in systems])
    for place in marked:
        system = systems[place]
        parts.append(drawn(system, marked=True))
        parts.append(labels.drawn(system.name, x(system.cost), y(system.score.value)))
    return scatter.drawing(parts, caption)


def _ticks(low: float, high: float) -> list[float]:
    """Round costs between two powers of ten: as many of 1, 2, 5 as there is room for."""
    for steps in (_STEPS, _STEPS[:1]):
        ticks = [
            step * 10.0**power
            for power in range(math.floor(low), math.ceil(high) + 1)
            for step in steps
            if low <= math.log10(step) + power <= high
        ]
        if len(ticks) <= _MOST_TICKS:
            return ticks
    return ticks[:: math.ceil(len(ticks) / _MOST_TICKS)]
