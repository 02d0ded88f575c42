"""Drawings, written by hand as SVG: intervals, axes, badges."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import Difference, Estimate

WIDTH = 160
_HEIGHT = 16
_STEPS = (0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5)
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale of four equal parts with round ends; all plots of a column share one."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float | None], signed: bool = False) -> Axis:
        """The narrowest round axis that holds all values; around zero if `signed`."""
        known = [value for value in values if value is not None]
        if not known:
            return cls(0.0, 1.0)
        if signed:
            reach = max(abs(value) for value in known)
            half = next((2 * step for step in _STEPS if 2 * step >= reach), 1.0)
            return cls(-half, half)
        low, high = min(known), max(known)
        for step in _STEPS:
            start = math.floor(low / step + 1e-9) * step
            if start + _PARTS * step >= high - 1e-9:
                # Scores end at 1; a part beyond it would say nothing.
                start = min(start, 1 - _PARTS * step) if _PARTS * step <= 1 else 0.0
                return cls(round(max(start, 0.0), 4), round(max(start, 0.0) + _PARTS * step, 4))
        return cls(0.0, 1.0)

    @classmethod
    def of(cls, scores: Iterable[Estimate | Difference | None], signed: bool = False) -> Axis:
        """The narrowest round axis that holds all scores and the ends of their intervals."""
        known = [score for score in scores if score is not None]
        return cls.over((end for s in known for end in (s.value, s.low, s.high)), signed)

    def x(self, value: float) -> float:
        """Where a value lies, in the units of the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(4 + min(max(share, 0.0), 1.0) * (WIDTH - 8), 1)

    def drawn(self) -> Markup:
        """Labels at both ends and in the middle."""
        middle = (self.low + self.high) / 2
        parts = [
            f'<text x="{x}" y="10" text-anchor="{anchor}">{_label(value)}</text>'
            for x, anchor, value in (
                (4, "start", self.low),
                (WIDTH / 2, "middle", middle),
                (WIDTH - 4, "end", self.high),
            )
        ]
        return Markup(  # noqa: S704 - numbers only
            f'<svg class="axis" viewBox="0 0 {WIDTH} 12" width="{WIDTH}" height="12"'
            f' aria-hidden="true">{"".join(parts)}</svg>'
        )


def interval(axis: Axis, value: float, low: float | None, high: float | None) -> Markup:
    """A score as a dot with its interval as a bar; screen readers get the numbers next to it."""
    bar = ""
    if low is not None and high is not None:
        bar = f'<path d="M{axis.x(low):g} 8H{axis.x(high):g}"/>'
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="ci" viewBox="0 0 {WIDTH} {_HEIGHT}" width="{WIDTH}" height="{_HEIGHT}"'
        f' aria-hidden="true">{bar}<circle cx="{axis.x(value):g}" cy="8" r="3"/></svg>'
    )


def badge(label: str, text: str) -> str:
    """A badge for a README, as an SVG file."""
    label, text = safe_text(label)[:60], safe_text(text)[:60]
    left, right = _text_width(label), _text_width(text)
    title = f"{label}: {text}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img"'
        f' aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<rect width="{left}" height="20" fill="#3d4349"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="#1d5a96"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif"'
        f' font-size="11"><text x="{left / 2:g}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(text)}</text></g></svg>\n'
    )


def _label(value: float) -> str:
    return f"{value * 100:g}".replace("-", "\u2212")


def _text_width(text: str) -> int:
    return 14 + round(6.7 * len(text))
