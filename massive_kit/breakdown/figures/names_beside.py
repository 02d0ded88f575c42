"""Names beside points, where they hide as little as can be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Points = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

# In points of type: how wide a letter is, for its height; how far from its mark a name may stand.
_LETTER = 0.7
_AWAY = (3.2, 6.5, 11.0, 17.0)
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_LINE_FROM = 8.0
_MARK = 2.2


def name_points(
    figure: Figure, axes: Axes, points: Points, names: Sequence[str], size: float, others: Points
) -> None:
    """Writes names beside points; a thin line leads to one that stands further off.

    Args:
        figure: The figure; its layout is settled by this.
        axes: The axes.
        points: Shape (n, 2), in the units of the axes.
        names: As many.
        size: Of the type, in points.
        others: Further points, which no name should hide.
    """
    figure.draw_without_rendering()
    scale = 72 / figure.dpi
    marks = axes.transData.transform(points) * scale
    corners = axes.transAxes.transform([(0, 0), (1, 1)]) * scale
    frame = (*corners[0], *corners[1])
    all_marks = [*marks, *axes.transData.transform(others) * scale] if len(others) else [*marks]
    taken: list[Box] = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in all_marks]
    # Where it is crowded, the first come best off.
    apart = np.hypot(*(marks[:, None] - marks).transpose(2, 0, 1))
    crowd = (apart < 4 * size).sum(axis=1)
    for position in np.argsort(-crowd, kind="stable"):
        x, y = marks[position]
        width, height = _LETTER * size * len(names[position]), size
        best: tuple[float, float, float, Box] | None = None
        for away in _AWAY:
            for right, up in _DIRECTIONS:
                shift = away if right == 0 or up == 0 else 0.75 * away
                left = x + right * shift + (right - 1) * width / 2
                bottom = y + up * shift + (up - 1) * height / 2
                box = (left, bottom, left + width, bottom + height)
                cost = sum(_overlap(box, other) for other in taken) + 0.4 * away
                cost += 50 * (width * height - _overlap(box, frame)) / (width * height)
                if best is None or cost < best[0]:
                    best = (cost, away, left, box)
        assert best is not None
        _cost, away, left, box = best
        taken.append(box)
        axes.annotate(
            names[position],
            points[position],
            xytext=(left - x, box[1] - y),
            textcoords="offset points",
            fontsize=size,
            va="bottom",
            arrowprops={"arrowstyle": "-", "linewidth": 0.3, "color": "0.5", "shrinkA": 0}
            if away > _LINE_FROM
            else None,
        )


def _overlap(box: Box, other: Box) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
