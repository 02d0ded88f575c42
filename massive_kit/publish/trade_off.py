"""Scores against what a system costs: a scatter plot with the systems that none outdoes marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from massive_kit.publish import cells, svg
from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import Estimate

WIDTH, HEIGHT = 640, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 20, 16, 44
_LONGEST, _LETTER = 28, 7.0
_STEPS = (1, 2, 5)
_MOST_TICKS = 8
# Left, top, right and bottom.
_Box = tuple[float, float, float, float]


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

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        share = (value - axis.low) / (axis.high - axis.low)
        return round(HEIGHT - _BOTTOM - min(max(share, 0), 1) * (HEIGHT - _TOP - _BOTTOM), 1)

    parts = [*_across(axis, y), *_upwards(_ticks(low, high), x, shown)]
    bottom = HEIGHT - _BOTTOM
    parts.append(f'<text class="name" x="{WIDTH - _RIGHT}" y="{HEIGHT - 4}">{escape(cost)}</text>')
    parts.append(f'<text class="name up" x="{_LEFT}" y="{_TOP - 5}">{escape(score)}</text>')
    best = set(marked)
    for place, system in enumerate(systems):
        if place not in best:
            parts.append(_point(system, x, y, shown, ""))
    if steps := [(x(systems[i].cost), y(systems[i].score.value)) for i in marked]:
        line = f"M{steps[0][0]:g} {bottom}V{steps[0][1]:g}"
        line += "".join(f"H{right:g}V{top:g}" for right, top in steps[1:])
        parts.append(f'<path class="front" d="{line}H{WIDTH - _RIGHT}"/>')
    labels = _Labels([(x(system.cost), y(system.score.value)) for system in systems])
    for place in marked:
        system = systems[place]
        parts.append(_point(system, x, y, shown, "best"))
        parts.append(labels.drawn(system.name, x(system.cost), y(system.score.value)))
    return Markup(  # noqa: S704 - numbers, and names that are escaped
        f'<svg class="tradeoff" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(caption)}">{"".join(map(str, parts))}</svg>'
    )


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


def _across(axis: svg.Axis, y: Callable[[float], float]) -> list[str]:
    parts = []
    for step in range(5):
        value = axis.low + step * (axis.high - axis.low) / 4
        parts.append(f'<path class="rule" d="M{_LEFT} {y(value):g}H{WIDTH - _RIGHT}"/>')
        label = f"{value * 100:.4g}"
        parts.append(f'<text class="tick left" x="{_LEFT - 6}" y="{y(value) + 4:g}">{label}</text>')
    return parts


def _upwards(
    ticks: Sequence[float], x: Callable[[float], float], shown: Callable[[float], str]
) -> list[str]:
    bottom = HEIGHT - _BOTTOM
    return [
        f'<path class="rule" d="M{x(tick):g} {bottom}v5"/>'
        f'<text class="tick" x="{x(tick):g}" y="{bottom + 18}">{escape(shown(tick))}</text>'
        for tick in ticks
    ]


def _point(
    system: CostedSystem,
    x: Callable[[float], float],
    y: Callable[[float], float],
    shown: Callable[[float], str],
    kind: str,
) -> str:
    right, up, score = x(system.cost), y(system.score.value), system.score
    words = f"{safe_text(system.name)}: {cells.percent(score.value)} at {shown(system.cost)}"
    bar = ""
    if score.low is not None and score.high is not None:
        bar = f'<path class="ci" d="M{right:g} {y(score.low):g}V{y(score.high):g}"/>'
    shape = (
        f'<path class="{kind}" d="M{right:g} {up - 6:g}l6 6l-6 6l-6 -6z"/>'
        if kind
        else f'<circle cx="{right:g}" cy="{up:g}" r="4"/>'
    )
    return f"<g><title>{escape(words)}</title>{bar}{shape}</g>"


class _Labels:
    """Names beside points, each where it covers no point and no other name; else it is left out.

    Args:
        points: Where the points are.
    """

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self._points = points
        self._taken: list[_Box] = []

    def drawn(self, name: str, right: float, up: float) -> str:
        """The name of the point there, or nothing."""
        name = safe_text(name)
        name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\u2026"
        width = _LETTER * len(name)
        for height in (up - 8, up + 18):
            for place, anchor in ((right + 9, "right"), (right - 9, "left")):
                start = place if anchor == "right" else place - width
                box = (start, height - 11, start + width, height + 3)
                if self._free(box):
                    self._taken.append(box)
                    text = escape(name)
                    return f'<text class="{anchor}" x="{place:g}" y="{height:g}">{text}</text>'
        return ""

    def _free(self, box: _Box) -> bool:
        left, top, right, bottom = box
        inside = left >= _LEFT and right <= WIDTH and top >= 0 and bottom <= HEIGHT - _BOTTOM
        clear = not any(
            left < x + 5 and x - 5 < right and top < y + 5 and y - 5 < bottom
            for x, y in self._points
        )
        apart = not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in self._taken
        )
        return inside and clear and apart
