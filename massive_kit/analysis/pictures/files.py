"""The picture files of a probe."""

from __future__ import annotations

from collections.abc import Mapping

from massive_kit.analysis.pictures.layers import layers_picture
from massive_kit.analysis.pictures.plane import plane_picture
from massive_kit.analysis.pictures.tree import tree_picture
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Probe


def pictures(probe: Probe, other: Probe | None, languages: LanguageTable) -> Mapping[str, str]:
    """SVG files by name.

    Args:
        probe: The probe.
        other: What it is compared with.
        languages: The language table.
    """
    files = {"layers.svg": layers_picture(probe, other)}
    if probe.map is not None:
        files["languages.svg"] = plane_picture(probe.model, probe.map, languages)
        files["tree.svg"] = tree_picture(probe.model, probe.map, languages)
    return files
