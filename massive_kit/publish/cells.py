"""How values look in tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache

from markupsafe import Markup, escape

from massive_kit.publish import svg
from massive_kit.publish.tables import BoardCell, BoardColumn, Datum
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import MEAN_INFO, METRIC_INFO
from massive_kit.schema.scores import Difference, Estimate

MINUS = "\u2212"
DASH = "\u2013"
# Keeps numbers without an interval in line with those above and below.
_NO_INTERVAL = ' <span class="i"></span>'
_THREE_DIGITS, _HUNDREDTH = 100, 0.01
_LONG_TEXT = 60
MISSING = Markup('<span class="none" title="no data">\u2013</span>')


def heading(metric: str) -> str:
    """A metric above a column: `Exact match`, `Slot F1`."""
    return METRIC_INFO[metric].heading


def in_sentence(metric: str) -> str:
    """A metric within a sentence: `exact match`, `slot F1`."""
    return METRIC_INFO[metric].title


def average_title(average: str) -> str:
    """An average within a sentence: `mean over languages`."""
    return MEAN_INFO[average].public_title


def text(value: str | None, css: str = "") -> BoardCell:
    """Plain text."""
    if not value:
        return BoardCell(MISSING, (None,), None, css)
    shown = safe_text(value)
    return BoardCell(escape(shown), (value,), shown.casefold(), css)


def short_text(value: str | None, css: str = "") -> BoardCell:
    """Plain text, cut where it is long; all of it is in the data."""
    whole = text(value, css)
    shown = safe_text(value or "")
    if len(shown) <= _LONG_TEXT:
        return whole
    return replace(whole, html=escape(f"{shown[:_LONG_TEXT]}\u2026"))


def link(value: str, href: str, small: str = "", css: str = "") -> BoardCell:
    """Text that leads to a page of the site, with a second line in small print."""
    shown = safe_text(value)
    html = Markup('<a href="{}"><bdi>{}</bdi></a>').format(href, shown)
    if small:
        html += Markup(' <span class="sub"><bdi>{}</bdi></span>').format(safe_text(small))
    return BoardCell(html, (value,), shown.casefold(), css)


def percent(value: float) -> str:
    """A score in 0..1 as people read it."""
    return f"{value * 100:.1f}"


def signed(value: float, digits: int = 1) -> str:
    """A difference in -1..1 in points, with its sign."""
    shown = f"{value * 100:.{digits}f}"
    if not shown.strip("-0."):
        return shown.removeprefix("-")
    return f"+{shown}" if value > 0 else MINUS + shown.removeprefix("-")


def estimate(value: Estimate | None) -> BoardCell:
    """A score with its interval."""
    if value is None:
        return BoardCell(MISSING, (None, None, None))
    return _estimate(value.value, value.low, value.high)


# A score is on its system's page, its language's page and more.
@lru_cache(maxsize=100_000)
def _estimate(value: float, low: float | None, high: float | None) -> BoardCell:
    if low is None or high is None:
        interval = _NO_INTERVAL
    else:
        interval = f' <span class="i">{percent(low)}{DASH}{percent(high)}</span>'
    html = Markup(f"<b>{percent(value)}</b>{interval}")  # noqa: S704 - numbers only
    return BoardCell(html, (round(value, 6), _rounded(low), _rounded(high)), value)


def difference(value: Difference | None, digits: int = 1) -> BoardCell:
    """A difference with its interval."""
    if value is None:
        return BoardCell(MISSING, (None, None, None))
    html = f"<b>{signed(value.value, digits)}</b>"
    if value.low is not None and value.high is not None:
        html += (
            f' <span class="i">{signed(value.low, digits)} to {signed(value.high, digits)}</span>'
        )
    data = (round(value.value, 6), _rounded(value.low), _rounded(value.high))
    return BoardCell(Markup(html), data, value.value)  # noqa: S704 - numbers only


def plot(axis: svg.Axis, value: Estimate | Difference | None) -> BoardCell:
    """A score drawn on an axis; its numbers stand in another column."""
    if value is None:
        return BoardCell(Markup(""))
    return BoardCell(svg.interval(axis, value.value, value.low, value.high), (), value.value)


@lru_cache(maxsize=10_000)
def number(value: float | None, shown: str | None = None) -> BoardCell:
    """A count."""
    if value is None:
        return BoardCell(MISSING, (None,))
    return BoardCell(escape(shown if shown is not None else f"{value:,}"), (value,), value)


def parameters(total: int | None) -> BoardCell:
    """A parameter count, in millions or billions."""
    return number(total, size(total) if total else None)


def size(total: int) -> str:
    """A parameter count in short: 270 M, 1.3 B."""
    # Three digits of a million may round to a billion.
    if total >= 10**9 - 500_000:
        return f"{short_number(total / 10**9)}\u00a0B"
    return f"{short_number(total / 10**6)}\u00a0M"


def short_count(count: int) -> str:
    """A count in short: 812, 9.4 k, 12.3 M, 1.5 B."""
    for end, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= end:
            return f"{short_number(count / end)}\u00a0{letter}"
    return str(count)


def memory(count: float) -> str:
    """Bytes in short: 812 B, 39.4 MB, 1.5 GB."""
    for end, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= end:
            return f"{short_number(count / end)}\u00a0{name}"
    return f"{count:.0f}\u00a0B"


def short_number(value: float) -> str:
    """A number with three digits that count: 1,234, 56.8, 0.0123."""
    return f"{value:,.0f}" if value >= _THREE_DIGITS else f"{value:.3g}"


def price(value: float) -> str:
    """A price; of less than a hundredth the first digit that counts."""
    return f"{value:,.2f}" if value >= _HUNDREDTH or not value else f"{value:.1g}"


def money(value: float, currency: str) -> BoardCell:
    """A price and its currency."""
    html = Markup("{}\u00a0<bdi>{}</bdi>").format(price(value), safe_text(currency))
    return BoardCell(html, (value, currency), value)


def date(value: dt.date) -> BoardCell:
    """A day."""
    iso = value.isoformat()
    return BoardCell(Markup('<time datetime="{0}">{0}</time>').format(iso), (iso,), iso)


def estimate_column(
    metric: str, average: str | None = None, title: str | None = None, hint: str = ""
) -> BoardColumn:
    """The column of a metric; the first press of its heading brings the best to the top.

    Args:
        metric: The metric.
        average: One of several averages of it that the table has.
        title: The heading, where it is not the metric's.
        hint: What the heading means.
    """
    name = metric if average is None else f"{metric}_{average}"
    return BoardColumn(
        name,
        title or heading(metric),
        "number",
        (name, f"{name}_low", f"{name}_high"),
        hint=hint,
        first="descending" if METRIC_INFO[metric].higher_is_better else "ascending",
    )


def plot_column(axis: svg.Axis, title: str, hint: str = "") -> BoardColumn:
    """The column of a drawing, with its axis in the heading."""
    return BoardColumn("plot", title, "plot", hint=hint, first="descending", extra=axis.drawn())


def _rounded(value: float | None) -> Datum:
    return None if value is None else round(value, 6)
