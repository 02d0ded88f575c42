"""The parts of an SVG picture, and the file around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from massive_kit.errors import escape_invisible

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

# Okabe and Ito 2008, for colour-blind readers; without the yellow, which is lost on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
# Where there is no colour, shapes tell apart.
MARKERS = ("circle", "square", "triangle", "diamond", "cross", "down")

_STYLE = (
    "text{font:11px system-ui,'DejaVu Sans',sans-serif;fill:#222}"
    ".title{font-size:14px;font-weight:600}.soft{fill:#666}.page{fill:#fff}"
    ".rule{stroke:#ddd;stroke-width:1;fill:none}.branch{stroke:#555;stroke-width:1.2;fill:none}"
    ".other{fill:#8a8a8a;stroke:#8a8a8a}"
    "@media(prefers-color-scheme:dark){text{fill:#e8e8e8}.soft{fill:#aaa}.page{fill:#16191d}"
    ".rule{stroke:#3a3f45}.branch{stroke:#aaa}}"
)


def document(
    width: float,
    height: float,
    title: str,
    parts: Iterable[str],
    style: str = "",
    description: str = "",
) -> str:
    """A whole file.

    Args:
        width: In pixels.
        height: In pixels.
        title: What screen readers say, and what stands above.
        parts: What is drawn.
        style: More of the style.
        description: What screen readers may say beside the title.
    """
    words = safe(title)
    more = f"<desc>{safe(description)}</desc>" if description else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{words}">'
        f"<title>{words}</title>{more}<style>{_STYLE}{style}</style>"
        f'<rect class="page" width="{width:g}" height="{height:g}"/>'
        f'<text class="title" x="16" y="24">{words}</text>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def safe(text: str) -> str:
    """Text as it may stand in a file of XML."""
    return escape(escape_invisible(text))


def words(x: float, y: float, text: str, anchor: Anchor = "start", kind: str = "") -> str:
    """Text; `kind` is a class of the style, such as `soft`."""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{safe(text)}</text>'


def rule(start: Point, end: Point, kind: str = "rule") -> str:
    """A thin line."""
    return f'<path class="{kind}" d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/>'


def line(points: Sequence[Point], colour: str, dash: str = "", width: float = 2) -> str:
    """A line through points."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def marker(x: float, y: float, shape: str, colour: str | None, title: str = "") -> str:
    """A point; without a colour it is grey.

    Args:
        x: Its middle.
        y: Its middle.
        shape: One of `MARKERS`.
        colour: Its colour.
        title: What a pointer over it shows.
    """
    size = 4.5
    paths = {
        "square": f"M{x - size:.1f} {y - size:.1f}h{2 * size}v{2 * size}h{-2 * size}z",
        "triangle": f"M{x:.1f} {y - size:.1f}l{size} {2 * size}h{-2 * size}z",
        "down": f"M{x:.1f} {y + size:.1f}l{size} {-2 * size}h{-2 * size}z",
        "diamond": f"M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
    }
    paint = f'fill="{colour}" stroke="{colour}"' if colour else 'class="other"'
    inside = f"<title>{safe(title)}</title>" if title else ""
    if shape == "cross":
        path = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
        return f'<path {paint} stroke-width="2.5" d="{path}">{inside}</path>'
    if shape in paths:
        return f'<path {paint} d="{paths[shape]}">{inside}</path>'
    return f'<circle {paint} cx="{x:.1f}" cy="{y:.1f}" r="{size}">{inside}</circle>'
