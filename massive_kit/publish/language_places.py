"""Where the languages of a board lie on its map, so that no circle hides another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from massive_kit.drawing.equal_earth import Points
from massive_kit.drawing.world import WorldFrame
from massive_kit.languages.world.table import WorldTable
from massive_kit.publish.board_model import BoardModel

FRAME = WorldFrame(960.0)
LAND = "assets/land.svg"
_LARGEST, _SMALLEST = 8.5, 2.0
# About as many circles of the largest size as fit beside each other where languages are many.
_FEW = 60
# What is seen around the outermost languages, and how flat and how high a map may be.
_MARGIN, _NARROWEST, _WIDEST = 30.0, 1.6, 2.6
_TURNS = 60
_EAST, _NORTH = 180, 90


@dataclass(frozen=True, slots=True)
class LanguagePlaces:
    """The places of languages, in units of the drawing.

    Attributes:
        at: By locale; a language whose place is not known is absent.
        radius: Of each circle.
        box: Left, top, width and height of what is shown.
    """

    at: Mapping[str, tuple[float, float]]
    radius: float
    box: tuple[float, float, float, float]


def places_of(model: BoardModel) -> LanguagePlaces:
    """The places of all languages that anyone was scored in; made once."""
    return model.once("places", lambda: _places(model))


def land_file() -> str:
    """The outline of the land as an SVG file; grey that shows in a light and in a dark theme."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FRAME.width:g} {FRAME.bottom:.0f}">'
        f'<path fill="#888" fill-opacity=".25" d="{FRAME.land()}"/></svg>\n'
    )


def _places(model: BoardModel) -> LanguagePlaces:
    degrees = {}
    world = WorldTable.shipped()
    for locale in model.locales:
        known = model.language(locale)
        # A language table of one's own goes before the table of the world's languages.
        east, north = known.get("longitude"), known.get("latitude")
        row = world.find(locale)
        if (place := _numbers(east, north)) is not None:
            degrees[locale] = place
        elif row is not None:
            degrees[locale] = (row.longitude, row.latitude)
    if not degrees:
        return LanguagePlaces({}, 0.0, (0.0, 0.0, FRAME.width, FRAME.bottom))
    radius = max(_SMALLEST, _LARGEST * min(1.0, (_FEW / len(degrees)) ** 0.5))
    points = FRAME.places(*np.array(list(degrees.values())).T)
    points = apart(points, 2 * radius + 0.8)
    at = {
        locale: (round(float(x), 1), round(float(y), 1))
        for locale, (x, y) in zip(degrees, points, strict=True)
    }
    return LanguagePlaces(at, round(radius, 1), _box(points))


def apart(points: Points, distance: float) -> Points:
    """Points moved until each two are so far from each other, or nearly.

    Args:
        points: Shape (points, 2).
        distance: How far.
    """
    moved = points.astype(np.float64)
    # Two languages of one place have no direction to part in; a spiral gives each its own.
    turn = np.arange(len(moved)) * 2.4
    moved += 0.01 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for _ in range(_TURNS):
        between = moved[:, None] - moved[None, :]
        far = np.sqrt((between**2).sum(axis=2))
        np.fill_diagonal(far, np.inf)
        lacking = np.maximum(distance - far, 0.0)
        if lacking.max() < distance / 50:
            break
        moved += (between / far[:, :, None] * lacking[:, :, None] / 2).sum(axis=1)
    return moved


def _box(points: Points) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = points.min(axis=0) - _MARGIN, points.max(axis=0) + _MARGIN
    width, height = right - left, bottom - top
    wider = max(height * _NARROWEST - width, 0.0)
    higher = max(width / _WIDEST - height, 0.0)
    return (
        round(float(left - wider / 2), 1),
        round(float(top - higher / 2), 1),
        round(float(width + wider), 1),
        round(float(height + higher), 1),
    )


def _numbers(east: str | None, north: str | None) -> tuple[float, float] | None:
    try:
        place = float(east or ""), float(north or "")
    except ValueError:
        return None
    inside = abs(place[0]) <= _EAST and abs(place[1]) <= _NORTH
    return place if inside else None
