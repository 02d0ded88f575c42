"""What plots of systems are made of: rules, ticks, points with intervals, names beside points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

from massive_kit.publish import svg
from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import Estimate

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 46, 20, 16, 44
_LONGEST, _LETTER = 28, 7.0
# Left, top, right and bottom.
_Box = tuple[float, float, float, float]


def height_of(axis: svg.Axis) -> Callable[[float], float]:
    """Where a score lies, upwards."""

    def y(value: float) -> float:
        share = (value - axis.low) / (axis.high - axis.low)
        return round(HEIGHT - BOTTOM - min(max(share, 0), 1) * (HEIGHT - TOP - BOTTOM), 1)

    return y


def frame(
    axis: svg.Axis, ticks: Iterable[tuple[float, str]], right: str, up: str
) -> list[str | Markup]:
    """The rules, the ticks and the names of both axes.

    Args:
        axis: Of scores, upwards.
        ticks: Where ticks are to the right, and what they say.
        right: What is on the axis to the right.
        up: What is on the axis upwards.
    """
    y, bottom = height_of(axis), HEIGHT - BOTTOM
    parts: list[str | Markup] = []
    for step in range(5):
        value = axis.low + step * (axis.high - axis.low) / 4
        parts.append(f'<path class="rule" d="M{LEFT} {y(value):g}H{WIDTH - RIGHT}"/>')
        label = f"{value * 100:.4g}"
        parts.append(f'<text class="tick left" x="{LEFT - 6}" y="{y(value) + 4:g}">{label}</text>')
    parts += [
        f'<path class="rule" d="M{place:g} {bottom}v5"/>'
        f'<text class="tick" x="{place:g}" y="{bottom + 18}">{escape(shown)}</text>'
        for place, shown in ticks
    ]
    parts.append(f'<text class="name" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}">{escape(right)}</text>')
    parts.append(f'<text class="name up" x="{LEFT}" y="{TOP - 5}">{escape(up)}</text>')
    return parts


def point(
    right: float, axis: svg.Axis, score: Estimate, words: str, *, marked: bool = False
) -> str:
    """A score with its interval; marked ones are diamonds, others circles.

    Args:
        right: Where it lies to the right.
        axis: Of scores.
        score: The score.
        words: What a pointer over it shows.
        marked: Whether it stands out.
    """
    y = height_of(axis)
    up, bar = y(score.value), ""
    if score.low is not None and score.high is not None:
        bar = f'<path class="ci" d="M{right:g} {y(score.low):g}V{y(score.high):g}"/>'
    shape = (
        f'<path class="best" d="M{right:g} {up - 6:g}l6 6l-6 6l-6 -6z"/>'
        if marked
        else f'<circle cx="{right:g}" cy="{up:g}" r="4"/>'
    )
    return f"<g><title>{escape(words)}</title>{bar}{shape}</g>"


def drawing(parts: Iterable[str | Markup], caption: str) -> Markup:
    """The whole plot as SVG.

    Args:
        parts: What is in it; names must be escaped.
        caption: What it shows, in a sentence, for who does not see it.
    """
    return Markup(  # noqa: S704 - numbers, and names that are escaped
        f'<svg class="tradeoff" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(caption)}">{"".join(map(str, parts))}</svg>'
    )


class Labels:
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
        inside = left >= LEFT and right <= WIDTH and top >= 0 and bottom <= HEIGHT - BOTTOM
        clear = not any(
            left < x + 5 and x - 5 < right and top < y + 5 and y - 5 < bottom
            for x, y in self._points
        )
        apart = not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in self._taken
        )
        return inside and clear and apart
