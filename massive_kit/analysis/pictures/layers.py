"""Retrieval by layer, as lines."""

from __future__ import annotations

from collections.abc import Callable

from massive_kit.drawing import svg
from massive_kit.schema.probe import LayerProbe, Probe

_WIDTH, _HEIGHT = 720.0, 420.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 500.0, 64.0, 360.0
_TICKS = 5
_ROW = 20.0
_READINGS: dict[str, Callable[[LayerProbe], float]] = {
    "centred, cosine": lambda layer: layer.centred_cosine.at_1,
    "offset, cosine": lambda layer: layer.offset_cosine.at_1,
    "offset, Euclidean": lambda layer: layer.offset_euclidean.at_1,
    "raw, cosine": lambda layer: layer.raw_cosine.at_1,
    "raw, Euclidean": lambda layer: layer.raw_euclidean.at_1,
    "language told": lambda layer: layer.language,
}
# Beside another model, only these, so that lines can be followed.
_FEW = ("centred, cosine", "raw, cosine", "language told")


def layers_picture(probe: Probe, other: Probe | None = None) -> str:
    """Shares of translations and of languages told, by layer, as an SVG file.

    Args:
        probe: The probe, in full lines.
        other: What it is compared with, in dashed ones.
    """
    layers: list[int] = sorted({*probe.layers, *(other.layers if other else ())})

    def x(layer: int) -> float:
        reach = max(1, layers[-1] - layers[0])
        return _LEFT + (_RIGHT - _LEFT) * (layer - layers[0]) / reach

    def y(share: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * share

    parts = [
        svg.words(16, 44, f"translations into {probe.against} found, in percent", kind="soft"),
        svg.words((_LEFT + _RIGHT) / 2, _BOTTOM + 36, "layer (0: embeddings)", "middle", "soft"),
    ]
    for tick in range(_TICKS + 1):
        height = y(tick / _TICKS)
        parts.append(svg.rule((_LEFT, height), (_RIGHT, height)))
        parts.append(svg.words(_LEFT - 8, height + 4, f"{100 * tick / _TICKS:g}", "end"))
    parts += [svg.words(x(layer), _BOTTOM + 16, str(layer), "middle") for layer in layers]
    names = [*_READINGS] if other is None else [*_FEW]
    for number, name in enumerate(names):
        colour, shape = svg.COLOURS[number], svg.MARKERS[number]
        for shown, dash in ((other, "6 4"), (probe, "")):
            if shown is None:
                continue
            means = _means(shown, _READINGS[name])
            points = [(x(layer), y(mean)) for layer, mean in zip(shown.layers, means, strict=True)]
            parts.append(svg.line(points, colour, dash))
            parts += [
                svg.marker(*point, shape, colour, f"{name}, layer {layer}: {100 * mean:.1f}")
                for point, layer, mean in zip(points, shown.layers, means, strict=True)
            ]
            if shown is probe:
                height = _TOP + _ROW * number
                parts.append(svg.line([(_RIGHT + 24, height), (_RIGHT + 48, height)], colour))
                parts.append(svg.marker(_RIGHT + 36, height, shape, colour))
                parts.append(svg.words(_RIGHT + 56, height + 4, f"{name} {100 * means[-1]:.1f}"))
    if other is not None:
        height = _TOP + _ROW * (len(names) + 1)
        for shown, dash in ((probe, ""), (other, "6 4")):
            parts.append(
                svg.line([(_RIGHT + 24, height), (_RIGHT + 48, height)], svg.COLOURS[0], dash)
            )
            parts.append(svg.words(_RIGHT + 56, height + 4, shown.model[:24]))
            height += _ROW
    title = f"Retrieval by layer: {probe.model}" + (f" and {other.model}" if other else "")
    return svg.document(_WIDTH, _HEIGHT, title, parts)


def _means(probe: Probe, read: Callable[[LayerProbe], float]) -> list[float]:
    others = [locale for code, locale in probe.locales.items() if code != probe.against]
    return [
        sum(read(locale.layers[position]) for locale in others) / max(1, len(others))
        for position in range(len(probe.layers))
    ]
