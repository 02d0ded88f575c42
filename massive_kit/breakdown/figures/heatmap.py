"""Heat map: systems by languages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.figures.forest import caption, shown_locales
from massive_kit.breakdown.figures.lettering import lettering
from massive_kit.breakdown.figures.request import FigureRequest
from massive_kit.breakdown.figures.rows import RowGroup, row_groups
from massive_kit.breakdown.figures.sheet import write_figure
from massive_kit.breakdown.figures.systems import (
    FigureSystem,
    language_names,
    metric_title,
    open_systems,
)

# Both are ordered by how dark they are, so that a print in grey can be read.
_MAPS = {"colour": "cividis", "grey": "Greys"}
_ROW, _REST, _SYSTEM = 0.118, 0.9, 0.24
_NAMES_ABOVE = 1.35
_DARK = 0.5
# Three names side by side would run into each other; a letter of a slanted one is so high.
_SIDE_BY_SIDE, _SLANTED_LETTER = 2, 0.023


def draw_heatmap(request: FigureRequest) -> str:
    """Writes the figure: languages down one column of a page, or along both.

    Returns:
        A caption.

    Raises:
        MassiveKitError: The scores are not there, or not of the same rows.
    """
    systems = open_systems(request.sources, request.names, request.languages_file, request.metric)
    locales = shown_locales(request, systems)
    values = {
        locale: [_value(system, locale, request.metric) for system in systems] for locale in locales
    }

    def mean(locale: str) -> float:
        known = [value for value in values[locale] if not math.isnan(value)]
        return sum(known) / len(known) if known else -1.0

    groups = row_groups(locales, request.languages, request.by, mean)
    down = request.columns == 1
    lines = len(locales) + len(groups) - 1
    tall = _REST + (_ROW * lines if down else _NAMES_ABOVE + _SYSTEM * len(systems))
    if down and _slanted(systems):
        tall += _SLANTED_LETTER * max(len(system.name) for system in systems)

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, request, systems, groups, values, down=down)

    write_figure(request.out, request.columns, tall, draw)
    words = f"{len(locales)} languages, the largest {request.by} groups first"
    return caption(request, systems, words)


def _slanted(systems: Sequence[FigureSystem]) -> bool:
    return len(systems) > _SIDE_BY_SIDE


def _value(system: FigureSystem, locale: str, metric: str) -> float:
    estimate = system.estimate(locale, metric)
    return 100 * estimate.value if estimate else math.nan


def _draw(
    figure: Figure,
    axes: Axes,
    request: FigureRequest,
    systems: Sequence[FigureSystem],
    groups: Sequence[RowGroup],
    values: dict[str, list[float]],
    *,
    down: bool,
) -> None:
    names = language_names([*values], request.languages)
    rows: list[str | None] = []
    middles: dict[float, str] = {}
    for group in groups:
        if rows:
            rows.append(None)
        middles[len(rows) + (len(group.locales) - 1) / 2] = lettering(group.name)
        rows += group.locales
    blank = [math.nan] * len(systems)
    grid: npt.NDArray[np.float64] = np.array([values[code] if code else blank for code in rows])
    ticks = {place: names[code] for place, code in enumerate(rows) if code}
    labels = [lettering(system.name) for system in systems]
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(grid if down else grid.T),
        cmap=_MAPS[request.style],
        edgecolors="white",
        linewidth=0.4,
    )
    places = [place + 0.5 for place in ticks]
    systems_at = [number + 0.5 for number in range(len(systems))]
    if down:
        axes.invert_yaxis()
        axes.set_yticks(places, [*ticks.values()], fontsize=6)
        axes.xaxis.tick_top()
        axes.set_xticks(systems_at, labels)
        if _slanted(systems):
            for label in axes.get_xticklabels():
                label.set(rotation=25, ha="left", rotation_mode="anchor")
        _numbers(axes, grid, request.style)
    else:
        axes.invert_yaxis()
        axes.set_xticks(places, [*ticks.values()], rotation=90, fontsize=5.5)
        axes.set_yticks(systems_at, labels)
        for place, name in middles.items():
            axes.annotate(
                name,
                (place + 0.5, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 3),
                textcoords="offset points",
                rotation=25,
                fontsize=5.5,
                color="0.35",
            )
    if down:
        for place, name in middles.items():
            axes.annotate(
                name,
                (1, place + 0.5),
                xycoords=("axes fraction", "data"),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=5.5,
                color="0.35",
            )
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    bar = figure.colorbar(
        mesh,
        ax=axes,
        location="bottom",
        aspect=40,
        pad=0.01 if down else 0.04,
        shrink=0.8,
        label=metric_title(request.metric),
    )
    bar.outline.set_linewidth(0.4)


def _numbers(axes: Axes, grid: npt.NDArray[np.float64], style: str) -> None:
    """The scores in their cells, white on dark."""
    low, high = float(np.nanmin(grid)), float(np.nanmax(grid))
    for row, column in zip(*np.nonzero(~np.isnan(grid)), strict=True):
        value = float(grid[row, column])
        share = (value - low) / max(high - low, 1e-9)
        dark = share < _DARK if style == "colour" else share > _DARK
        axes.text(
            column + 0.5,
            row + 0.52,
            f"{value:.1f}",
            ha="center",
            va="center",
            fontsize=5.2,
            color="white" if dark else "black",
        )
