"""Makes the shipped table of the arrays in urielplus and of CLDR's likely scripts.

A maintainer runs it, once for each release of the sources; nothing in the package imports it:

    pip download urielplus==1.3.2 --no-deps && unzip urielplus-1.3.2-*.whl
    npm pack cldr-core@48.2.0 && tar xzf cldr-core-48.2.0.tgz
    python -m massive_kit.languages.typology.making urielplus/database package/supplemental
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.files.atomic import atomic_file
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.typology.table import AREAS, COLUMNS, FAMILIES_FILE, URIEL_FILE

# Fewest known features of syntax, or of sounds, that make a language comparable.
_FEWEST_SYNTAX = 10
_FEWEST_SOUNDS = 20
# Members of ISO 639-3 macrolanguages that the macrolanguage's code stands for in practice.
_MACROLANGUAGES = {
    "arb": "ara",
    "azj": "aze",
    "cmn": "zho",
    "ekk": "est",
    "gaz": "orm",
    "als": "sqi",
    "khk": "mon",
    "kmr": "kur",
    "lvs": "lav",
    "nob": "nor",
    "npi": "nep",
    "ory": "ori",
    "pbu": "pus",
    "pes": "fas",
    "plt": "mlg",
    "swh": "swa",
    "uzn": "uzb",
    "ydd": "yid",
    "zsm": "msa",
    "gug": "grn",
    "quz": "que",
    "ayr": "aym",
}


@dataclass(frozen=True, slots=True)
class _Array:
    """One array of urielplus: languages by features, the union over its sources; -1: unknown."""

    rows: dict[str, int]
    names: Sequence[str]
    values: NDArray[np.int8]

    @classmethod
    def load(cls, path: Path) -> _Array:
        with np.load(path, allow_pickle=False) as stored:
            codes = [str(code) for code in stored["langs"]]
            names = [str(name) for name in stored["feats"]]
            values = stored["data"].max(axis=2).astype(np.int8)
        return cls({code: row for row, code in enumerate(codes)}, names, values)

    def present(self, code: str) -> NDArray[np.intp]:
        """The features that a language has."""
        return np.flatnonzero(self.values[self.rows[code]] == 1)

    def text(self, code: str, prefix: str) -> str:
        """Features as `0`, `1` and `.` for unknown; "" where none is known."""
        chosen = [column for column, name in enumerate(self.names) if name.startswith(prefix)]
        values = self.values[self.rows[code], chosen]
        return "".join(".01"[value + 1] for value in values) if (values >= 0).any() else ""


def main(database: Path, supplemental: Path) -> None:
    """Writes the two files of the table beside this module.

    Args:
        database: The folder `database` of urielplus.
        supplemental: The folder of that name in cldr-core.
    """
    likely = json.loads((supplemental / "likelySubtags.json").read_text(encoding="utf-8"))
    scripts: dict[str, str] = likely["supplemental"]["likelySubtags"]
    features = _Array.load(database / "original_uriel" / "features.npz")
    families = _Array.load(database / "original_uriel" / "family_features.npz")
    nodes: dict[int, int] = {}
    rows: list[list[str]] = []
    for code, place in sorted(_places(database / "urielplus_csvs").items()):
        areas, others = _areas(code, features)
        script = _script(code, scripts) or _script(others, scripts)
        if code in _MACROLANGUAGES.values() or not script or not _is_enough(areas):
            continue
        path = families.present(code)
        if not path.size and others:
            # URIEL places nob and lvs nowhere in the tree, but nor and lav.
            path = families.present(others)
        numbers = [str(nodes.setdefault(int(node), len(nodes))) for node in path]
        rows.append([code, others, *place[:1], script, *place[1:], " ".join(numbers), *areas])
    _write(URIEL_FILE, COLUMNS, rows)
    named = [[str(number), families.names[node][2:]] for node, number in nodes.items()]
    _write(FAMILIES_FILE, ("number", "name"), named)


def _areas(code: str, features: _Array) -> tuple[list[str], str]:
    """Features by area of the code under which more are known; and the macrolanguage, if any."""
    macro = _MACROLANGUAGES.get(code, "")
    texts = [
        [features.text(name, prefix) for prefix in AREAS.values()]
        for name in (code, macro)
        if name in features.rows
    ]
    return max(texts, key=_known), macro


def _known(areas: Iterable[str]) -> int:
    return sum(len(text) - text.count(".") for text in areas)


def _is_enough(areas: Sequence[str]) -> bool:
    return _known(areas[:1]) >= _FEWEST_SYNTAX or _known(areas[1:]) >= _FEWEST_SOUNDS


def _places(folder: Path) -> dict[str, list[str]]:
    """By code: name, latitude, longitude."""
    by_glottocode = {row["language_id"]: row for row in _read(folder / "lang_fam_geo.csv")}
    places = {}
    for row in _read(folder / "uriel_glottocode_map.csv"):
        place = by_glottocode.get(row["glottocode"])
        if place is not None and place["latitude"] and place["longitude"]:
            # Some longitudes go on beyond 180.
            longitude = (float(place["longitude"]) + 180) % 360 - 180
            degrees = [f"{float(place['latitude']):.2f}", f"{longitude:.2f}"]
            places[row["iso_code"]] = [place["language_name"], *degrees]
    return places


def _script(code: str, likely: dict[str, str]) -> str:
    tag = read_tag(code)
    full = likely.get(tag.language if tag else code) or likely.get(code, "")
    return next((part for part in full.split("-") if len(part) == len("Latn")), "")


def _read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with atomic_file(path) as stream:
        stream.write(text.getvalue().encode())


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
