"""The paper that a figure is drawn on: widths, type, marks that do without colour, the file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib as mpl
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.figures.lettering import FONT
from massive_kit.drawing.svg import COLOURS
from massive_kit.errors import UsageError
from massive_kit.files.atomic import atomic_file

Style = Literal["colour", "grey"]
SUFFIXES = (".pdf", ".svg", ".png")
# In inches: a column and both columns of the ACL's pages; close to those of IEEE and Interspeech.
_WIDTHS = {1: 3.03, 2: 6.3}
# Taller than that, a figure does not fit a page of A4 with its caption.
TALLEST = 9.2
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
_LINES = ("-", "--", "-.", ":")
_HATCHES = ("////", "\\\\\\\\", "++++", "xxxx", "----", "||||")
_GREYS = ("#000000", "#707070", "#989898", "#3c3c3c", "#858585", "#585858")
_DOTS = 300
_SETTINGS: dict[str, object] = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.6,
    "hatch.linewidth": 0.35,
    "axes.spines.top": False,
    "axes.spines.right": False,
    # Publishers refuse type 3 fonts; text stays text in both.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "none",
    # The same numbers give the same file.
    "svg.hashsalt": "massive-kit",
}
_UNDATED: dict[str, dict[str, None]] = {
    ".pdf": {"CreationDate": None},
    ".svg": {"Date": None},
    ".png": {"Software": None},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one of several things is told apart, with colour and without.

    Attributes:
        colour: Of line and marker.
        marker: Its shape.
        line: Solid, dashed, ...
        hatch: Of an area.
        hollow: Whether the marker is not filled.
    """

    colour: str
    marker: str
    line: str
    hatch: str
    hollow: bool

    @property
    def face(self) -> str:
        """What the marker is filled with."""
        return "white" if self.hollow else self.colour


def mark(number: int, style: Style) -> Mark:
    """The mark of the thing with that number, from 0."""
    colours = _GREYS if style == "grey" else COLOURS
    return Mark(
        colours[number % len(colours)],
        _MARKERS[number % len(_MARKERS)],
        _LINES[number % len(_LINES)],
        _HATCHES[number % len(_HATCHES)],
        hollow=number % 2 == 1,
    )


def write_figure(
    path: Path, columns: int, height: float, draw: Callable[[Figure, Axes], None]
) -> None:
    """Draws on a sheet and writes it, in the format of its suffix.

    Args:
        path: The file: PDF, SVG or PNG.
        columns: How many columns of a page it is wide.
        height: In inches.
        draw: Draws.

    Raises:
        UsageError: The suffix is another one.
    """
    checked_suffix(path)
    with mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]  # names of settings are no literals here
        figure = Figure(figsize=(_WIDTHS[columns], min(height, TALLEST)), layout="constrained")
        axes = figure.add_subplot()
        draw(figure, axes)
        held = io.BytesIO()
        suffix = path.suffix.lower()
        figure.savefig(held, format=suffix[1:], dpi=_DOTS, metadata=_UNDATED[suffix])
    with atomic_file(path) as stream:
        stream.write(held.getvalue())


def checked_suffix(path: Path) -> None:
    """Refuses a file that is none of the formats.

    Raises:
        UsageError: It ends otherwise.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: a figure ends in {', '.join(SUFFIXES)}, which says its format")


def draw_band(
    axes: Axes,
    xs: Sequence[float],
    lows: npt.ArrayLike,
    highs: npt.ArrayLike,
    paint: Mark,
) -> None:
    """An area between two lines, hatched so that it can be told without its colour."""
    axes.fill_between(xs, lows, highs, color=paint.colour, alpha=0.1, linewidth=0)
    axes.fill_between(
        xs,
        lows,
        highs,
        facecolor="none",
        edgecolor=paint.colour,
        hatch=paint.hatch,
        alpha=0.3,
        linewidth=0,
    )


def legend_above(figure: Figure, axes: Axes, columns: int) -> None:
    """What the marks mean, above the axes."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=min(len(labels), columns),
        frameon=False,
        handlelength=2.6,
        columnspacing=1.2,
    )
