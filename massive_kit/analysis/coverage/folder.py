"""The world's languages one by one, as a file."""

from __future__ import annotations

import csv
import io

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.analysis.coverage.distances import distances
from massive_kit.languages.world.table import WorldTable


def language_rows(benchmark: Benchmark, world: WorldTable) -> str:
    """A row for each living language: its facts, and the covered one that is nearest, as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    facts = ("code", "name", "family", "genus", "area", "latitude", "longitude", "script")
    writer.writerow([*facts, "speakers", "covered", "nearest", "distance"])
    covered = [*benchmark.languages.values()]
    languages = [*world]
    away = distances(languages, covered) if covered else None
    for position, language in enumerate(languages):
        nearest = ["", ""]
        if away is not None:
            best = int(away[position].argmin())
            nearest = [covered[best].code, f"{away[position, best]:.4f}"]
        held = "yes" if language.code in benchmark.languages else "no"
        values = [getattr(language, name) for name in facts]
        writer.writerow([*values, language.speakers or "", held, *nearest])
    return stream.getvalue()
