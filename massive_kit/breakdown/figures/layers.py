"""Retrieval of translations by layer, from `probe.json`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from massive_kit.breakdown.figures.lettering import lettering
from massive_kit.breakdown.figures.request import FigureRequest
from massive_kit.breakdown.figures.sheet import draw_band, legend_above, mark, write_figure
from massive_kit.counted import counted
from massive_kit.errors import ContentError, MissingDataError, Problem, UsageError
from massive_kit.schema.probe import LayerProbe, Probe, load_probe

_HEIGHTS = {1: 2.6, 2: 3.2}
_READINGS: dict[str, Callable[[LayerProbe], float]] = {
    "centred cosine": lambda layer: layer.centred_cosine.at_1,
    "raw cosine": lambda layer: layer.raw_cosine.at_1,
    "language told": lambda layer: layer.language,
}
# Of two models or more, what they are compared by.
_FEW = ("centred cosine", "language told")


def draw_layers(request: FigureRequest) -> str:
    """Writes the figure.

    Returns:
        A caption.

    Raises:
        MassiveKitError: A file is not there, is no `probe.json`, or was measured otherwise.
    """
    probes = _open(request)

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, request, probes)

    write_figure(request.out, request.columns, _HEIGHTS[request.columns], draw)
    first = next(iter(probes.values()))
    languages = len(_locales(request, first))
    return (
        f"Share of the utterances of {languages} languages whose nearest {first.against} utterance"
        f" is the translation ({first.searched.rows:,} candidates of {first.searched.partition},"
        f" {first.data}), and whose language is told by the nearest centroid, by layer (0:"
        " embeddings). Lines: means; bands: the middle half of the languages."
    )


def _open(request: FigureRequest) -> dict[str, Probe]:
    if request.names and len(request.names) != len(request.sources):
        raise UsageError(
            f"{counted(len(request.names), 'name')} for {counted(len(request.sources), 'file')}"
        )
    files = [path / "probe.json" if path.is_dir() else path for path in request.sources]
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise MissingDataError(
            f"{', '.join(missing)}: no such file; `massive-kit probe --out` writes probe.json"
        )
    loaded = [load_probe(path) for path in files]
    problems = [
        Problem(str(path), f"{name} {held}", f"{wanted}, as {files[0]}")
        for path, probe in zip(files[1:], loaded[1:], strict=True)
        for (name, held), wanted in zip(
            _facts(probe).items(), _facts(loaded[0]).values(), strict=True
        )
        if held != wanted
    ]
    if problems:
        raise ContentError("these probes cannot stand in one figure", problems)
    names = request.names or [probe.model for probe in loaded]
    if len({*names}) < len(names):
        names = [str(path) for path in request.sources]
    return dict(zip(names, loaded, strict=True))


def _facts(probe: Probe) -> dict[str, str]:
    """What numbers of two probes can only be compared by."""
    searched = probe.searched
    how = "drawn" if searched.drawn else "the first"
    part = "" if searched.ids == "all" else f", {searched.ids} of the ids"
    return {
        "candidates": f"{searched.rows:,} of {searched.partition}{part}, {how}",
        "data": probe.data,
        "against": probe.against,
        "locales": " ".join(sorted(probe.locales)),
    }


def _locales(request: FigureRequest, probe: Probe) -> list[str]:
    there = [code for code in probe.locales if code != probe.against]
    if request.locales:
        return [*request.languages.find(request.locales, there, "the probe")]
    return there


def _draw(figure: Figure, axes: Axes, request: FigureRequest, probes: dict[str, Probe]) -> None:
    readings = [*_READINGS] if len(probes) == 1 else [*_FEW]
    number = 0
    for name, probe in probes.items():
        locales = _locales(request, probe)
        for reading in readings:
            read = _READINGS[reading]
            shares = 100 * np.array(
                [[read(layer) for layer in probe.locales[code].layers] for code in locales]
            )
            paint = mark(number, request.style)
            low, high = np.quantile(shares, (0.25, 0.75), axis=0)
            label = reading if len(probes) == 1 else lettering(f"{name}, {reading}")
            axes.plot(
                probe.layers,
                shares.mean(axis=0),
                marker=paint.marker,
                linestyle=paint.line,
                color=paint.colour,
                mfc=paint.face,
                mew=0.8,
                label=label,
            )
            if len(locales) > 1:
                draw_band(axes, probe.layers, low, high, paint)
            number += 1
    layers = sorted({layer for probe in probes.values() for layer in probe.layers})
    axes.set_xticks(layers)
    axes.set_ylim(0, 102)
    axes.grid(color="0.9", linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("Layer (0: embeddings)")
    axes.set_ylabel("Utterances, %")
    legend_above(figure, axes, 3 if len(probes) == 1 else 2)
