"""Forest plot: a row for each language, with its interval, in groups with their means."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.figures.lettering import lettering
from massive_kit.breakdown.figures.request import FigureRequest
from massive_kit.breakdown.figures.rows import RowGroup, row_groups
from massive_kit.breakdown.figures.sheet import Mark, legend_above, mark, write_figure
from massive_kit.breakdown.figures.systems import (
    FigureSystem,
    language_names,
    metric_title,
    open_systems,
)
from massive_kit.schema.scores import Estimate

_ROW, _ROW_OF_SYSTEM, _REST = 0.085, 0.04, 0.75
_SPREAD = 0.7


def draw_forest(request: FigureRequest) -> str:
    """Writes the figure.

    Returns:
        A caption.

    Raises:
        MassiveKitError: The scores are not there, or not of the same rows.
    """
    systems = open_systems(request.sources, request.names, request.languages_file, request.metric)
    locales = shown_locales(request, systems)

    def height(locale: str) -> float:
        estimate = systems[0].estimate(locale, request.metric)
        return estimate.value if estimate else -1.0

    groups = row_groups(locales, request.languages, request.by, height)
    lines = sum(len(group.locales) + 1 for group in groups)
    tall = _REST + lines * (_ROW + _ROW_OF_SYSTEM * len(systems))

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, request, systems, groups)

    write_figure(request.out, request.columns, tall, draw)
    return caption(request, systems, f"{len(locales)} languages by {request.by}", intervals=True)


def _draw(
    figure: Figure,
    axes: Axes,
    request: FigureRequest,
    systems: list[FigureSystem],
    groups: list[RowGroup],
) -> None:
    names = language_names([code for group in groups for code in group.locales], request.languages)
    ticks: dict[float, str] = {}
    y = 0.0
    for group in groups:
        for number, system in enumerate(systems):
            place = y + _shift(number, len(systems))
            if not group.alone:
                mean = system.group(request.by, group.name, group.locales, request.metric)
                _bar(axes, place, mean, mark(number, request.style), group=True)
        ticks[y] = lettering(group.name)
        for locale in group.locales:
            y += 1
            ticks[y] = names[locale]
            for number, system in enumerate(systems):
                place = y + _shift(number, len(systems))
                _bar(
                    axes,
                    place,
                    system.estimate(locale, request.metric),
                    mark(number, request.style),
                )
        y += 1
    _means_of_all(axes, request, systems)
    axes.set_ylim(y - 0.3, -0.8)
    axes.set_yticks([*ticks], [*ticks.values()])
    headings = {lettering(group.name) for group in groups}
    for label in axes.get_yticklabels():
        if label.get_text() in headings:
            label.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.88", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(metric_title(request.metric))
    if len(systems) > 1:
        legend_above(figure, axes, 3 if request.columns == 1 else 6)


def _means_of_all(axes: Axes, request: FigureRequest, systems: list[FigureSystem]) -> None:
    """A dotted line for each system, and what its mark means."""
    for number, system in enumerate(systems):
        paint = mark(number, request.style)
        mean_of_all = system.scores.averages["macro_locales"].estimates().get(request.metric)
        if mean_of_all and not request.locales:
            axes.axvline(100 * mean_of_all.value, color=paint.colour, linewidth=0.6, linestyle=":")
        axes.plot(
            [], [], paint.marker, color=paint.colour, mfc=paint.face, label=lettering(system.name)
        )


def _shift(number: int, systems: int) -> float:
    """Where in a row a system stands."""
    return _SPREAD * ((number + 0.5) / systems - 0.5)


def _bar(
    axes: Axes, y: float, estimate: Estimate | None, paint: Mark, *, group: bool = False
) -> None:
    if estimate is None:
        return
    value = 100 * estimate.value
    if estimate.low is not None and estimate.high is not None:
        ends = (100 * estimate.low, 100 * estimate.high)
        axes.plot(ends, (y, y), color=paint.colour, linewidth=1.6 if group else 0.8)
    size = 4.0 if group else 2.8
    axes.plot(
        [value], [y], paint.marker, color=paint.colour, mfc=paint.face, markersize=size, mew=0.8
    )


def shown_locales(request: FigureRequest, systems: list[FigureSystem]) -> list[str]:
    """The locales asked for, or those that averages run over.

    Raises:
        MissingDataError: One of them was not scored.
    """
    scores = systems[0].scores
    if request.locales:
        return [*request.languages.find(request.locales, scores.locales, "the evaluation")]
    return [*scores.averaged]


def caption(
    request: FigureRequest, systems: list[FigureSystem], what: str, *, intervals: bool = False
) -> str:
    """A draft of the caption, with what scores can be compared by."""
    title = metric_title(request.metric).removesuffix(", %")
    parts = [f"{title} of {', '.join(system.name for system in systems)}: {what}."]
    interval = systems[0].scores.interval
    if intervals and interval.method == "bootstrap" and interval.resamples:
        parts.append(
            f"Lines: {100 * interval.level:g} % intervals, bootstrap over"
            f" {interval.unit or 'utterances'}, {interval.resamples:,} resamples; dotted: means"
            " over all languages."
        )
    signatures = list(dict.fromkeys(system.scores.signature for system in systems))
    parts.append(f"Signature: {'; '.join(signatures)}")
    return " ".join(parts)
