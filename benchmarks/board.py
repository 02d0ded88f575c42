"""How long a large board takes to build, how large it gets, and how quickly its index answers.

Run: python benchmarks/board.py
Other sizes, systems by languages: python benchmarks/board.py 100x51 400x51
"""

from __future__ import annotations

import gzip
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from massive_kit.files.npz import write_arrays
from massive_kit.languages import LanguageTable, groups
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Scores
from massive_kit.scoring.replicates import Replicates

Array = NDArray[Any]

CHROMIUM = shutil.which("chromium")
RESAMPLES = 1000
UTTERANCES = 2974
ACCURACIES = [MAIN_METRICS.index("intent_accuracy"), MAIN_METRICS.index("exact_match")]
# Systems and languages: many of either.
SIZES = ((1000, 51), (50, 1000))
# A row: what is measured, the figure, the limit, the unit.
Row = tuple[str, float, float | None, str]


def locales_of(count: int) -> tuple[list[str], str | None]:
    """The real locales, or as many invented ones with a language table of their own."""
    table = LanguageTable.shipped()
    real = [
        name
        for name, language in table.languages.items()
        if language.get("in_massive_1.0") == "yes"
    ]
    if count <= len(real):
        return real[:count], None
    known = list(table.languages.values())
    lines = ["locale,language,autonym,script,direction,family,genus,word_order"]
    names = []
    for i in range(count):
        like = known[i % len(known)]
        name = f"q{i:03d}-{like.locale[-2:]}"
        names.append(name)
        facts = [like.get(c) or "" for c in ("script", "direction", "family", "genus")]
        lines.append(
            ",".join([name, f"{like.name} {i}", like.autonym, *facts, like.get("word_order") or ""])
        )
    return names, "\n".join(lines) + "\n"


def make_board(root: Path, systems: int, locale_count: int) -> None:
    """A leaderboard with invented scores and real sizes."""
    locales, languages = locales_of(locale_count)
    board: dict[str, object] = {"title": "Benchmark of the board"}
    if languages:
        (root / "languages.csv").write_text(languages, encoding="utf-8")
        board["languages"] = "languages.csv"
    (root / "board.yaml").write_text(yaml.safe_dump(board))
    table = LanguageTable.load(root / "languages.csv" if languages else None)
    member = {
        by: {one.name: list(one.locales) for one in groups(table, by, locales)}
        for by in ("genus", "family", "script")
    }
    random = np.random.default_rng(0)
    hard = random.normal(0, 0.08, len(locales))
    keys = tuple([f"locale:{one}" for one in locales] + [f"average:{a}" for a in (
        "pooled", "macro_locales", "macro_genera")])  # fmt: skip
    for number in range(systems):
        skill = 0.35 + 0.4 * number / systems
        point = np.clip(
            np.concatenate([skill + hard, [skill] * 3])[:, None] + [0.15, 0.05, 0.0], 0.02, 0.98
        )
        noise = random.normal(0, 0.009, (RESAMPLES, len(keys), len(MAIN_METRICS)))
        values = np.clip(point + noise, 0, 1).astype(np.float32)
        # Of a language, accuracies are shares of its utterances; slot F1 is not.
        for array in (point, values):
            shares = array[..., : len(locales), ACCURACIES]
            array[..., : len(locales), ACCURACIES] = np.rint(shares * UTTERANCES) / UTTERANCES

        def scores(k: int, values: Array = values, point: Array = point) -> dict[str, Any]:
            return {
                metric: {
                    "value": float(point[k, m]),
                    "low": float(values[25, k, m].clip(0, point[k, m])),
                    "high": float(values[975, k, m].clip(point[k, m], 1)),
                }
                for m, metric in enumerate(MAIN_METRICS)
            }

        locale_scores = {
            one: {**scores(k), "n": UTTERANCES, "tokens": 20000} for k, one in enumerate(locales)
        }
        grouped = {
            by: {name: {**scores(0), "locales": ls} for name, ls in groups_of.items()}
            for by, groups_of in member.items()
        }
        label = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 100, "predicted": 90}
        value = {
            "task": "big-full",
            "setting": "full",
            "signature": "benchmark",
            "data": {"name": "x", "version": "1", "hash": "0", "partition": "test"},
            "interval": {"method": "bootstrap", "resamples": RESAMPLES, "seed": 0},
            "averaged": locales,
            "locales": locale_scores,
            "averages": {a: scores(len(locales) + i) for i, a in enumerate(
                ("pooled", "macro_locales", "macro_genera"))},
            "groups": grouped,
            "intents": {f"intent_{i}": label for i in range(60)},
            "slots": {f"slot_{i}": label for i in range(55)},
        }  # fmt: skip
        Scores.model_validate(value)
        folder = root / "results" / f"system-{number:03d}" / "1"
        folder.mkdir(parents=True)
        (folder / "scores.json").write_text(json.dumps(value))
        manifest = {
            "system": f"system-{number:03d}",
            "version": "1",
            "title": f"System {number}",
            "team": f"Team {number % 17}",
            "task": "big-full",
            "setting": "full",
            "date": f"2026-{number % 12 + 1:02d}-01",
            "architecture": "encoder",
            "parameters": {"total": 10**7 * (number + 1)},
        }
        (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest))
        stored = Replicates(keys, point, values, "bootstrap resamples=1000 seed=0 ids=0")
        write_arrays(folder / "stats.npz", stored.arrays())


def measure_build(root: Path, out: Path) -> dict[str, float]:
    """Builds in a process of its own, as a maintainer does, and reads its time and peak memory.

    A large board is built by that process and a fork of it. What both peaked at is added up, though
    they share much of it and need not peak together.
    """
    code = (
        "import json, resource, sys, time\nfrom pathlib import Path\nstart = time.perf_counter()\n"
        "from massive_kit.publish.site import build\n"
        "built = build(Path(sys.argv[1]), Path(sys.argv[2]), 'https://example.org/')\n"
        "both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF,"
        " resource.RUSAGE_CHILDREN)]\n"
        "cpu = [use.ru_utime + use.ru_stime for use in both]\n"
        "print(json.dumps({'seconds': time.perf_counter() - start, 'cpu': sum(cpu), 'own': cpu[0],"
        " 'megabytes': built.bytes / 1e6, 'pages': built.pages, 'files': built.files,"
        " 'memory': sum(use.ru_maxrss for use in both) / 1e3}))"
    )
    command = [sys.executable, "-c", code, str(root), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def measure_index(site: Path) -> dict[str, float]:
    """Opens the index in Chromium: until it can be used, and until the first sort is done."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.goto((site / "index.html").as_uri())
        timings: dict[str, float] = page.evaluate(
            """async () => {
              const ready = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
              const start = performance.now();
              document.querySelector("th[data-key=slot_f1] button").click();
              document.body.offsetHeight;
              await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
              return { ready, sort: performance.now() - start };
            }"""
        )
        browser.close()
    return timings


def measure(systems: int, locales: int) -> list[Row]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as name:
        root, site = Path(name) / "board", Path(name) / "site"
        root.mkdir()
        make_board(root, systems, locales)
        built = measure_build(root, site)
        index = (site / "index.html").read_bytes()
        rows: list[Row] = [
            ("build", built["seconds"], 60, "s"),
            ("processor time", built["cpu"], None, "s"),
            ("of the first process", built["own"], 60, "s"),
            ("peak memory, at most", built["memory"], 800, "MB"),
            # What GitHub Pages takes.
            ("site", built["megabytes"], 1000, "MB"),
            ("pages", built["pages"], None, ""),
            ("files", built["files"], None, ""),
            ("index, gzipped", len(gzip.compress(index, 6)) / 1e3, 500, "kB"),
        ]
        if CHROMIUM:
            used = measure_index(site)
            rows += [
                ("index usable", used["ready"] / 1e3, 1, "s"),
                ("first sort", used["sort"] / 1e3, 1, "s"),
                ("both", (used["ready"] + used["sort"]) / 1e3, 1, "s"),
            ]
    return rows


def main() -> None:
    """Prints the table; the exit code tells whether all limits hold."""
    late = False
    asked = [tuple(map(int, size.split("x"))) for size in sys.argv[1:]]
    for systems, locales in asked or SIZES:
        print(f"\n{systems} systems x {locales} locales, {RESAMPLES} resamples")
        print(f"{'':28}{'measured':>12}{'limit':>10}{'ratio':>8}")
        for name, value, limit, unit in measure(systems, locales):
            end = f"{limit:>7g} {unit:<2}{value / limit:>8.2f}" if limit else ""
            print(f"{name:28}{value:>9.2f} {unit:<2}{end}")
            late |= limit is not None and value > limit
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"\nmemory of this script, which makes the boards: {memory:.0f} MB")
    sys.exit(late)


if __name__ == "__main__":
    main()
