"""The best score of a setting over time: which results raised it, drawn as steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.publish import cells, scatter, svg
from massive_kit.publish.entries import Entry, merit
from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import Estimate

_MOST_TICKS = 7
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
# A shorter time has ticks at its ends alone.
_DAYS_WITH_MONTHS = 62
_YEAR = 12


@dataclass(frozen=True, slots=True)
class DatedResult:
    """A version of a system with the score that ranks."""

    entry: Entry
    score: Estimate

    @property
    def day(self) -> dt.date:
        """The date of the result, as its manifest has it."""
        return self.entry.manifest.date


def records(results: Sequence[DatedResult], metric: str) -> list[DatedResult]:
    """The results better than all before them, oldest first; of one day the best alone counts.

    Args:
        results: Them, in any order.
        metric: What they are scores of.
    """
    ordered = sorted(results, key=lambda r: (r.day, -merit(r.score, metric), r.entry.key))
    kept: list[DatedResult] = []
    for result in ordered:
        if not kept or merit(result.score, metric) > merit(kept[-1].score, metric):
            kept.append(result)
    return kept


def trend_plot(
    results: Sequence[DatedResult], best: Sequence[DatedResult], *, caption: str, score: str
) -> Markup:
    """The plot as SVG: days to the right, scores upwards, the best so far as a line.

    Args:
        results: All results, of two days or more.
        best: Those that raised the best score, oldest first.
        caption: What it shows, in a sentence, for who does not see it.
        score: What is on the axis upwards.
    """
    first, last = (f(r.day for r in results).toordinal() for f in (min, max))
    margin = 0.03 * (last - first)
    axis = svg.Axis.of([result.score for result in results])
    y = scatter.height_of(axis)
    width = scatter.WIDTH - scatter.LEFT - scatter.RIGHT

    def x(day: dt.date) -> float:
        share = (day.toordinal() - first + margin) / (last - first + 2 * margin)
        return round(scatter.LEFT + share * width, 1)

    ticks = day_ticks(dt.date.fromordinal(first), dt.date.fromordinal(last))
    parts = scatter.frame(axis, [(x(day), shown) for day, shown in ticks], "date", score)
    raised = {result.entry.key for result in best}
    others = [result for result in results if result.entry.key not in raised]
    # A path for all of them, as there may be a thousand.
    dots = "".join(f"M{x(r.day):g} {y(r.score.value):g}h0" for r in others)
    if dots:
        parts.append(f'<path class="dots" d="{dots}"/>')
    steps = [(x(result.day), y(result.score.value)) for result in best]
    line = f"M{steps[0][0]:g} {steps[0][1]:g}"
    line += "".join(f"H{right:g}V{up:g}" for right, up in steps[1:])
    parts.append(f'<path class="front" d="{line}H{scatter.WIDTH - scatter.RIGHT}"/>')
    labels = scatter.Labels(steps)
    for result, (right, up) in zip(best, steps, strict=True):
        title = result.entry.manifest.title
        words = f"{safe_text(title)}, {result.day}: {cells.percent(result.score.value)}"
        parts.append(scatter.point(right, axis, result.score, words, marked=True))
        parts.append(labels.drawn(title, right, up))
    return scatter.drawing(parts, caption)


def day_ticks(first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """Days between two, as round as there is room for, and how each is written.

    Args:
        first: The first day.
        last: The last one, after it.
    """
    if (last - first).days < _DAYS_WITH_MONTHS:
        return [(first, first.isoformat()), (last, last.isoformat())]
    # The first of a month at the earliest.
    start = _month(first) + (first.day > 1)
    for step in _MONTHS:
        months = range(-(-start // step) * step, _month(last) + 1, step)
        if len(months) <= _MOST_TICKS:
            days = [dt.date(month // _YEAR, month % _YEAR + 1, 1) for month in months]
            form = "%Y" if step >= _YEAR else "%Y-%m"
            return [(day, day.strftime(form)) for day in days]
    return []


def _month(day: dt.date) -> int:
    return day.year * _YEAR + day.month - 1
