"""How values look in tables."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from markupsafe import Markup, escape

from massive_kit.publish import svg
from massive_kit.publish.tables import Cell, Column, Datum
from massive_kit.publish.text import visible
from massive_kit.schema.metrics import AVERAGE_INFO, MAIN_METRICS, METRIC_INFO
from massive_kit.schema.scores import Difference, Estimate

TITLES: dict[str, str] = {name: METRIC_INFO[name].heading for name in MAIN_METRICS}
AVERAGE_TITLES: dict[str, str] = {name: info.public_title for name, info in AVERAGE_INFO.items()}
MINUS = "\u2212"
DASH = "\u2013"
# Keeps numbers without an interval in line with those above and below.
_NO_INTERVAL = ' <span class="i"></span>'
MISSING = Markup('<span class="none" title="no data">\u2013</span>')


def said(metric: str) -> str:
    """A metric within a sentence: `exact match`, `slot F1`."""
    return METRIC_INFO[metric].title


def text(value: str | None, css: str = "") -> Cell:
    """Plain text."""
    if not value:
        return Cell(MISSING, (None,), None, css)
    shown = visible(value)
    return Cell(escape(shown), (value,), shown.casefold(), css)


def link(value: str, href: str, small: str = "", css: str = "") -> Cell:
    """Text that leads to a page of the site, with a second line in small print."""
    shown = visible(value)
    html = Markup('<a href="{}"><bdi>{}</bdi></a>').format(href, shown)
    if small:
        html += Markup(' <span class="sub"><bdi>{}</bdi></span>').format(visible(small))
    return Cell(html, (value,), shown.casefold(), css)


def percent(value: float) -> str:
    """A score in 0..1 as people read it."""
    return f"{value * 100:.1f}"


def signed(value: float, digits: int = 1) -> str:
    """A difference in -1..1 in points, with its sign."""
    shown = f"{value * 100:.{digits}f}"
    if not shown.strip("-0."):
        return shown.removeprefix("-")
    return f"+{shown}" if value > 0 else MINUS + shown.removeprefix("-")


def estimate(value: Estimate | None) -> Cell:
    """A score with its interval."""
    if value is None:
        return Cell(MISSING, (None, None, None))
    return _estimate(value.value, value.low, value.high)


# A score stands on its system's page, its language's page and more.
@lru_cache(maxsize=100_000)
def _estimate(value: float, low: float | None, high: float | None) -> Cell:
    if low is None or high is None:
        interval = _NO_INTERVAL
    else:
        interval = f' <span class="i">{percent(low)}{DASH}{percent(high)}</span>'
    html = Markup(f"<b>{percent(value)}</b>{interval}")  # noqa: S704 - numbers only
    return Cell(html, (round(value, 6), _rounded(low), _rounded(high)), value)


def difference(value: Difference | None, digits: int = 1) -> Cell:
    """A difference with its interval."""
    if value is None:
        return Cell(MISSING, (None, None, None))
    html = f"<b>{signed(value.value, digits)}</b>"
    if value.low is not None and value.high is not None:
        html += (
            f' <span class="i">{signed(value.low, digits)} to {signed(value.high, digits)}</span>'
        )
    data = (round(value.value, 6), _rounded(value.low), _rounded(value.high))
    return Cell(Markup(html), data, value.value)  # noqa: S704 - numbers only


def plot(axis: svg.Axis, value: Estimate | Difference | None) -> Cell:
    """A score drawn on an axis; its numbers stand in another column."""
    if value is None:
        return Cell(Markup(""))
    return Cell(svg.interval(axis, value.value, value.low, value.high), (), value.value)


@lru_cache(maxsize=10_000)
def number(value: float | None, shown: str | None = None) -> Cell:
    """A count."""
    if value is None:
        return Cell(MISSING, (None,))
    return Cell(escape(shown if shown is not None else f"{value:,}"), (value,), value)


def parameters(total: int | None) -> Cell:
    """A parameter count, in millions or billions."""
    return number(total, size(total) if total else None)


def size(total: int) -> str:
    """A parameter count in short: 270 M, 1.3 B."""
    if total >= 10**9:
        return f"{total / 10**9:.3g}\u00a0B"
    return f"{total / 10**6:.3g}\u00a0M"


def date(value: dt.date) -> Cell:
    """A day."""
    iso = value.isoformat()
    return Cell(Markup('<time datetime="{0}">{0}</time>').format(iso), (iso,), iso)


def estimate_column(metric: str, title: str | None = None, hint: str = "") -> Column:
    """The column of a metric."""
    return Column(
        metric,
        title or TITLES.get(metric, metric),
        "number",
        (metric, f"{metric}_low", f"{metric}_high"),
        hint=hint,
        first="descending",
    )


def plot_column(axis: svg.Axis, title: str, hint: str = "") -> Column:
    """The column of a drawing, with its axis in the heading."""
    return Column("plot", title, "plot", hint=hint, first="descending", extra=axis.drawn())


def _rounded(value: float | None) -> Datum:
    return None if value is None else round(value, 6)
