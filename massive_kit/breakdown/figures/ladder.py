"""Ladder: scores by the number of labelled utterances, with a band over draws and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.few_shot_ladder import POOLED
from massive_kit.breakdown.figures.lettering import lettering
from massive_kit.breakdown.figures.request import FigureRequest
from massive_kit.breakdown.figures.sheet import Mark, draw_band, legend_above, mark, write_figure
from massive_kit.breakdown.figures.sweep_file import LadderRuns, read_ladder
from massive_kit.breakdown.figures.systems import language_names, metric_title
from massive_kit.counted import counted
from massive_kit.errors import UsageError

_HEIGHTS = {1: 2.5, 2: 3.4}
# With more curves, those of all utterances alone are shown where nobody names languages.
_MOST_CURVES = 8
# How much further right than the largest number all of them stand, on the axis of logarithms.
_ALL_BEYOND = 1.12


def draw_ladder(request: FigureRequest) -> str:
    """Writes the figure.

    Returns:
        A caption.

    Raises:
        MassiveKitError: A file is not there, or is no `sweep.csv`.
        UsageError: There is no such language in it.
    """
    if request.names and len(request.names) != len(request.sources):
        raise UsageError(
            f"{counted(len(request.names), 'name')} for {counted(len(request.sources), 'file')}"
        )
    runs: list[tuple[str, LadderRuns]] = []
    for position, path in enumerate(request.sources):
        several = len(request.sources) > 1
        name = request.names[position] if request.names else str(path) if several else ""
        runs += [(name, each) for each in read_ladder(path, request.metric)]
    curves = _curves(runs, request)

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, request, curves)

    write_figure(request.out, request.columns, _HEIGHTS[request.columns], draw)
    most = max(len(scores) for curve in curves.values() for scores in curve.values())
    return f"{metric_title(request.metric)}, by labelled utterances of each intent.{_lines(most)}"


def _lines(most_runs: int) -> str:
    if most_runs == 1:
        return " One run for each point."
    return (
        f" Lines: means; bands: from the lowest to the highest of up to {most_runs} runs (other"
        " draws of rows, other seeds)."
    )


def _curves(
    runs: Sequence[tuple[str, LadderRuns]], request: FigureRequest
) -> dict[str, Mapping[int, Sequence[float]]]:
    """Scores by number of utterances, by what a line is called."""
    there = list(dict.fromkeys(each.locale for _name, each in runs))
    if request.locales:
        wanted = [code for code in request.locales if code == POOLED]
        rest = [code for code in request.locales if code != POOLED]
        wanted += request.languages.find(rest, [c for c in there if c != POOLED], "the sweep")
    else:
        wanted = [code for code in there if code != POOLED]
        series = len({(name, each.series) for name, each in runs})
        if len(wanted) * series > _MOST_CURVES or not wanted:
            wanted = [POOLED]
    names = {**language_names([code for code in wanted if code != POOLED], request.languages)}
    names[POOLED] = "all languages"
    curves: dict[str, Mapping[int, Sequence[float]]] = {}
    for name, each in runs:
        if each.locale in wanted:
            kept = (lettering(part) for part in (name, each.series) if part)
            parts = (names[each.locale] if len(wanted) > 1 else "", *kept)
            curves[", ".join(part for part in parts if part) or names[each.locale]] = each.scores
    return curves


def _draw(
    figure: Figure,
    axes: Axes,
    request: FigureRequest,
    curves: Mapping[str, Mapping[int, Sequence[float]]],
) -> None:
    counts = sorted({shots for curve in curves.values() for shots in curve if shots >= 0})
    places = {shots: float(np.log1p(shots)) for shots in counts}
    places[-1] = max([*places.values(), 1.0]) * _ALL_BEYOND + 0.3
    for number, (name, curve) in enumerate(curves.items()):
        _curve(axes, name, curve, places, mark(number, request.style))
    ticks = [*counts, *([-1] if any(-1 in curve for curve in curves.values()) else [])]
    labels = ["all" if shots < 0 else str(shots) for shots in ticks]
    axes.set_xticks([places[shots] for shots in ticks], labels)
    axes.grid(color="0.9", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("Labelled utterances of each intent, k (axis: log(1 + k))")
    axes.set_ylabel(metric_title(request.metric))
    if len(curves) > 1 or POOLED not in curves:
        legend_above(figure, axes, 3 if request.columns == 1 else 5)


def _curve(
    axes: Axes,
    name: str,
    curve: Mapping[int, Sequence[float]],
    places: Mapping[int, float],
    paint: Mark,
) -> None:
    counts = sorted(shots for shots in curve if shots >= 0)
    xs = [places[shots] for shots in counts]
    means = [100 * float(np.mean(curve[shots])) for shots in counts]
    lows = [100 * min(curve[shots]) for shots in counts]
    highs = [100 * max(curve[shots]) for shots in counts]
    axes.plot(
        xs,
        means,
        marker=paint.marker,
        linestyle=paint.line,
        color=paint.colour,
        mfc=paint.face,
        mew=0.8,
        label=name,
    )
    if any(high > low for low, high in zip(lows, highs, strict=True)):
        draw_band(axes, xs, lows, highs, paint)
    if -1 in curve:
        last = 100 * float(np.mean(curve[-1]))
        if xs:
            axes.plot(
                (xs[-1], places[-1]),
                (means[-1], last),
                color=paint.colour,
                linestyle=(0, (1, 3)),
                linewidth=0.7,
            )
        axes.plot([places[-1]], [last], paint.marker, color=paint.colour, mfc=paint.face, mew=0.8)
