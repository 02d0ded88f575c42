"""Languages in two dimensions."""

from __future__ import annotations

from massive_kit.analysis.pictures.marks import Marks
from massive_kit.drawing import svg
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import LanguageMap

_WIDTH, _HEIGHT = 900.0, 640.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 32.0, 700.0, 64.0, 616.0
_LETTER, _LINE = 6.4, 11.0
# Where a name may stand beside its point: to the right, left, above, below, and further off.
_PLACES = ((8, 4), (-8, 4), (8, -7), (-8, -7), (8, 15), (-8, 15), (14, -16), (-14, -16))


def plane_picture(name: str, languages_map: LanguageMap, languages: LanguageTable) -> str:
    """The languages where their mean vectors differ most, as an SVG file.

    Args:
        name: What the model is called.
        languages_map: Where they lie.
        languages: Genus and script of each.
    """
    places = languages_map.places
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    # One scale for both axes, so that distances can be compared.
    scale = min(
        (_RIGHT - _LEFT - 60) / max(max(xs) - min(xs), 1e-9),
        (_BOTTOM - _TOP - 40) / max(max(ys) - min(ys), 1e-9),
    )
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    points = {
        locale: (
            (_LEFT + _RIGHT) / 2 + scale * (x - middle[0]),
            (_TOP + _BOTTOM) / 2 - scale * (y - middle[1]),
        )
        for locale, (x, y) in places.items()
    }
    marks = Marks.of(languages, [*places])
    below = f"mean vectors at layer {languages_map.layer}, two axes of PCA"
    parts = [svg.words(16, 44, below, kind="soft")]
    parts += [marks.drawn(*point, locale) for locale, point in points.items()]
    parts += _names(points)
    parts += marks.legend(_RIGHT + 32, _TOP + 8)
    return svg.document(_WIDTH, _HEIGHT, f"Languages: {name}", parts)


def _names(points: dict[str, svg.Point]) -> list[str]:
    """The locales beside their points, where nothing else stands if that can be had."""
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in points.values()]
    parts = []
    for locale, (x, y) in points.items():
        boxes = []
        for right, down in _PLACES:
            width = _LETTER * len(locale)
            left = x + right if right > 0 else x + right - width
            boxes.append((left, y + down - _LINE + 2, left + width, y + down + 2))
        overlaps = [sum(_overlap(box, other) for other in taken) for box in boxes]
        best = overlaps.index(min(overlaps))
        taken.append(boxes[best])
        parts.append(svg.words(boxes[best][0], y + _PLACES[best][1], locale))
    return parts


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
