"""What `probe --out` writes: the numbers, and the pictures made of them."""

from __future__ import annotations

from pathlib import Path

from massive_kit.analysis.pictures.files import pictures
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Probe

PROBE_FILE = "probe.json"


def write_probe(folder: Path, probe: Probe, other: Probe | None, languages: LanguageTable) -> None:
    """Writes a probe and its pictures into a folder, which is made if need be.

    Args:
        folder: The folder.
        probe: The probe.
        other: What it is compared with, for the picture of layers.
        languages: The language table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures(probe, other, languages).items():
        with atomic_file(folder / name) as stream:
            stream.write(picture.encode())
    jsonio.write_json(folder / PROBE_FILE, probe.model_dump(mode="json"))
