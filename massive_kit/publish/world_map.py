"""Scores and differences of scores on a map of the world; the table below a map has the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from massive_kit.publish import cells
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.colour_scale import ColourScale, GapScale
from massive_kit.publish.language_places import FRAME, LAND, LanguagePlaces, places_of
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import METRIC_INFO

_OPEN = "open"


@dataclass(frozen=True, slots=True)
class MapMark:
    """A circle of a map.

    Attributes:
        css: Its class: a colour, and `open` where it is a ring.
        words: What a pointer over it shows beside the language.
    """

    css: str
    words: str


def score_map(
    model: BoardModel,
    root: str,
    scores: Mapping[str, float],
    colours: ColourScale,
    title: str,
) -> Markup:
    """A map of scores with its legend; nothing where no language has a place.

    Args:
        model: The board.
        root: What leads from the page to the top.
        scores: By locale, in 0..1.
        colours: Their colours.
        title: What it shows.
    """
    marks = {
        locale: MapMark(f"h{colours.step(value)}", cells.percent(value))
        for locale, value in scores.items()
    }
    legend = Markup("")
    for step, value in colours.legend()[:-1]:
        legend += Markup('<span class="h h{}">{}</span>').format(step, value)
    legend += Markup('<span class="note">each colour begins at its number</span>')
    return _figure(model, root, marks, title, legend)


def gap_map(
    model: BoardModel,
    root: str,
    gaps: Mapping[str, float],
    title: str,
    sure: Sequence[str] | None = None,
) -> Markup:
    """A map of differences with its legend; nothing where no language has a place.

    Args:
        model: The board.
        root: What leads from the page to the top.
        gaps: By locale, in -1..1.
        title: What it shows.
        sure: The locales whose difference is significant; the others are rings. `None` where
            nothing was tested.
    """
    gain = METRIC_INFO[model.board.metric].gain
    scale = GapScale(max(map(abs, gaps.values()), default=0.0))
    marks = {
        locale: MapMark(
            f"d{scale.step(gain(gap))}" + f" {_OPEN}" * (sure is not None and locale not in sure),
            cells.signed(gap),
        )
        for locale, gap in gaps.items()
    }
    legend = Markup("")
    for step, value in scale.legend():
        legend += Markup('<span class="h d{}">{}</span>').format(step, value)
    note = "points; rings: not significant" if sure is not None else "points; not tested"
    legend += Markup('<span class="note">{}</span>').format(note)
    return _figure(model, root, marks, title, legend)


def _figure(
    model: BoardModel, root: str, marks: Mapping[str, MapMark], title: str, legend: Markup
) -> Markup:
    places = places_of(model)
    shown = [locale for locale in marks if locale in places.at]
    if not shown:
        return Markup("")
    names = model.once("names on maps", lambda: _names(model, places))
    circles = "".join(
        f'<circle class="{marks[locale].css}" {names[locale]}{marks[locale].words}</title></circle>'
        for locale in shown
    )
    left, top, width, height = places.box
    missing = len(marks) - len(shown)
    note = Markup("")
    if missing:
        words = f"{missing} of {len(marks)} languages have no known place."
        note = Markup('<p class="note">{}</p>').format(words)
    return Markup(
        '<figure class="world"><figcaption>{title}</figcaption>'
        '<svg viewBox="{box}" role="img" aria-label="{label}">'
        '<image href="{land}" width="{wide:g}" height="{high:.0f}"/>{circles}</svg>'
        '<p class="legend" aria-hidden="true">{legend}</p>{note}</figure>'
    ).format(
        title=safe_text(title),
        box=f"{left:g} {top:g} {width:g} {height:g}",
        label=f"Map: {safe_text(title)}. The table below has the numbers.",
        land=root + LAND,
        wide=FRAME.width,
        high=FRAME.bottom,
        circles=Markup(circles),  # noqa: S704 - numbers, and names that are escaped
        legend=legend,
        note=note,
    )


def _names(model: BoardModel, places: LanguagePlaces) -> dict[str, str]:
    """The part of a circle that is the same on all maps."""
    return {
        locale: f'cx="{x:g}" cy="{y:g}" r="{places.radius:g}"><title>'
        f"{escape(safe_text(model.name(locale)))} "
        for locale, (x, y) in places.at.items()
    }
