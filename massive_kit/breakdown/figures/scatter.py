"""Scatter: scores against a number that is known for each language."""

from __future__ import annotations

from collections import Counter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.correlation import column_values
from massive_kit.breakdown.figures.forest import caption, shown_locales
from massive_kit.breakdown.figures.lettering import lettering
from massive_kit.breakdown.figures.names_beside import name_points
from massive_kit.breakdown.figures.request import FigureRequest
from massive_kit.breakdown.figures.sheet import legend_above, mark, write_figure
from massive_kit.breakdown.figures.systems import FigureSystem, metric_title, open_systems
from massive_kit.errors import UsageError
from massive_kit.languages.subtags import read_tag
from massive_kit.scoring.rank_correlation import spearman

_HEIGHTS = {1: 2.5, 2: 3.7}
_TYPE = {1: 5.2, 2: 6.2}
_LABELS = {"speakers": "Users, second language included (CLDR)"}
# Numbers that span so much are shown on an axis of powers.
_WIDE = 200.0
# Two languages are always in order or the other way round.
_FEWEST = 3


def draw_scatter(request: FigureRequest) -> str:
    """Writes the figure.

    Returns:
        A caption with Spearman's rho.

    Raises:
        MassiveKitError: The scores are not there, not of the same rows, or the column has no
            numbers.
        UsageError: No locale shown has both a number and a score.
    """
    systems = open_systems(request.sources, request.names, request.languages_file, request.metric)
    chosen = {*shown_locales(request, systems)}
    values = {
        locale: value
        for locale, value in column_values(systems[0].scores, request.languages, request.by).items()
        if locale in chosen
    }
    if not any(_points(system, values, request.metric) for system in systems):
        raise UsageError(
            f"nothing to show: of {', '.join(sorted(chosen))} none has both a number in the column"
            f" {request.by} and a {metric_title(request.metric)}; choose other locales or another"
            " column"
        )
    correlations = [_correlation(system, values, request.metric) for system in systems]

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, request, systems, values, correlations)

    write_figure(request.out, request.columns, _HEIGHTS[request.columns], draw)
    against = f"against {request.by.replace('_', ' ')}; {'; '.join(correlations)}"
    return caption(request, systems, against)


def _points(
    system: FigureSystem, values: dict[str, float], metric: str
) -> dict[str, tuple[float, float]]:
    estimates = {locale: system.estimate(locale, metric) for locale in values}
    return {
        locale: (values[locale], 100 * estimate.value)
        for locale, estimate in estimates.items()
        if estimate is not None
    }


def _correlation(system: FigureSystem, values: dict[str, float], metric: str) -> str:
    points = np.array([*_points(system, values, metric).values()]).reshape(-1, 2)
    if len(points) < _FEWEST or not np.ptp(points, axis=0).all():
        return f"no correlation defined, n = {len(points)}"
    return f"Spearman's rho = {spearman(points[:, 0], points[:, 1]):z.2f}, n = {len(points)}"


def _draw(
    figure: Figure,
    axes: Axes,
    request: FigureRequest,
    systems: list[FigureSystem],
    values: dict[str, float],
    correlations: list[str],
) -> None:
    for number, (system, correlation) in enumerate(zip(systems, correlations, strict=True)):
        paint = mark(number, request.style)
        points = np.array([*_points(system, values, request.metric).values()]).reshape(-1, 2)
        axes.plot(
            points[:, 0],
            points[:, 1],
            paint.marker,
            color=paint.colour,
            mfc=paint.face,
            markersize=3.2,
            mew=0.7,
            label=lettering(f"{system.name}: {correlation}"),
        )
    if min(values.values()) > 0 and max(values.values()) / min(values.values()) > _WIDE:
        axes.set_xscale("log")
    axes.grid(color="0.92", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(_LABELS.get(request.by, lettering(request.by.replace("_", " ").capitalize())))
    axes.set_ylabel(metric_title(request.metric))
    axes.margins(0.08)
    legend_above(figure, axes, 1)
    first = _points(systems[0], values, request.metric)
    if not first:
        return
    others = [
        point
        for system in systems[1:]
        for point in _points(system, values, request.metric).values()
    ]
    name_points(
        figure,
        axes,
        np.array([*first.values()]),
        _short([*first]),
        _TYPE[request.columns],
        np.array(others).reshape(-1, 2),
    )


def _short(locales: list[str]) -> list[str]:
    """The language alone where no other locale has it."""
    tags = {locale: read_tag(locale) for locale in locales}
    alone = {locale: tag.language if tag else locale for locale, tag in tags.items()}
    times = Counter(alone.values())
    return [alone[code] if times[alone[code]] == 1 else code for code in locales]
