"""Data: importing, loading and checking, as ratios to reading the same bytes once.

python benchmarks/data.py [--archive FILE] [--original-seconds S] [--without-judgments]

`MASSIVE_KIT_REALDATA` names a folder that has `amazon-massive-dataset-1.1.tar.gz`; without it and
--archive a corpus of MASSIVE's size is made up from the demo corpus. The second input, rows that
all carry judgments (600 MB), is generated. Every import is a process of its own, whose time and
peak memory are measured from outside, start of Python included. Processor time says what it takes
on a machine that is busy with other things; two free cores take a little more than half of it.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import platform
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson
import psutil

from massive_kit.data.demo import open_demo
from massive_kit.data.demo.corpus import rows as demo_rows
from massive_kit.data.inspect.checks import check_store
from massive_kit.data.store import Store
from massive_kit.languages import LanguageTable

ARCHIVE = "amazon-massive-dataset-1.1.tar.gz"
ROWS = {"train": 11514, "dev": 2033, "test": 2974}
# The original's data preparation of 51 locales, timed once on a machine of two cores.
ORIGINAL_SECONDS = 105.0
_JUDGMENT = {
    "intent_score": 1,
    "slots_score": 1,
    "grammar_score": 4,
    "spelling_score": 2,
    "language_identification": "target",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One process."""

    seconds: float
    processor: float
    peak: int


def made_up(folder: Path) -> Path:
    """An archive of MASSIVE's size and layout, from the demo corpus over and over."""
    path = folder / ARCHIVE
    with tarfile.open(path, "w:gz", compresslevel=6) as tar:
        for locale in LanguageTable.shipped().languages:
            base = demo_rows(locale)
            lines, number = [], 0
            for partition, count in ROWS.items():
                for _ in range(count):
                    row = {**base[number % len(base)], "id": str(number), "partition": partition}
                    lines.append(orjson.dumps(row))
                    number += 1
            content = b"\n".join(lines)
            info = tarfile.TarInfo(f"1.1/data/{locale}.jsonl")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def with_judgments(archive: Path, folder: Path) -> Path:
    """The same rows, each with three judgments and its slots' methods: about 600 MB of JSON."""
    target = folder / "judged"
    target.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.name.endswith(".jsonl") else None
            if stream is None:
                continue
            with (target / Path(member.name).name).open("wb") as out:
                for line in stream:
                    row = orjson.loads(line)
                    names = [part.split(" ")[0] for part in row["annot_utt"].split("[")[1:]]
                    row["slot_method"] = [{"slot": n, "method": "translation"} for n in names]
                    row["judgments"] = [{"worker_id": str(i), **_JUDGMENT} for i in range(3)]
                    out.write(orjson.dumps(row) + b"\n")
    return target


def measured(command: list[str], environment: dict[str, str]) -> Run:
    """Runs a command; the peak is of the process and all its children together."""
    start, before = time.perf_counter(), _processor()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    watched = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        try:
            processes = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(process.memory_info().rss for process in processes))
        except psutil.Error:
            pass
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.perf_counter() - start, _processor() - before, peak)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read_once(source: Path) -> float:
    """Seconds to read (and unpack) the bytes of a source: what no importer can be below."""
    start = time.perf_counter()
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    for path in files:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            while stream.read(1 << 20):
                pass
    return time.perf_counter() - start


def best(action: Callable[[], object], times: int) -> float:
    """Median seconds of some runs, after one to warm up."""
    action()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return median(taken)


def line(name: str, seconds: float, floor: float, more: str = "") -> None:
    """Prints a row of the table."""
    print(f"{name:<46} {seconds:8.3f} s {seconds / floor:8.1f} x  {more}".rstrip())


def importing(name: str, source: Path, home: Path) -> Store:
    """Measures one import and gives the store."""
    floor = min(read_once(source) for _ in range(3))
    line(f"read the bytes of {name} once", floor, floor)
    command = [sys.executable, "-m", "massive_kit", "data", "import", str(source), "--name", "b"]
    run = measured(command, {"MASSIVE_KIT_HOME": str(home)})
    line(
        f"import {name}",
        run.seconds,
        floor,
        f"processor {run.processor:.1f} s, peak {run.peak / 1e6:.0f} MB",
    )
    return Store.open(home / "data" / "b")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--original-seconds", type=float, default=ORIGINAL_SECONDS)
    parser.add_argument("--without-judgments", action="store_true")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = os.environ.get("MASSIVE_KIT_REALDATA")
        archive = options.archive or (Path(real) / ARCHIVE if real else made_up(folder))
        print(f"{'':<46} {'time':>10} {'ratio':>10}")
        store = importing("the archive", archive, folder / "home")
        floor = read_once(archive)
        rows = sum(part.rows for parts in store.parts.values() for part in parts.values())
        print(
            f"  {rows:,} rows; the original takes {options.original_seconds:.0f} s for 51 locales,"
            f" a tenth is {options.original_seconds / 10:.1f} s"
        )
        locales = store.locales
        one_locale = best(lambda: store.read("test", ["de-DE"]), 20)
        line("load one locale's test split", one_locale, floor)
        line("  as labels", best(lambda: store.label_columns("test", ["de-DE"]), 20), floor)
        line("load all of test", best(lambda: store.read("test", locales), 5), floor)
        line("  as labels", best(lambda: store.label_columns("test", locales), 5), floor)
        line("check all locales", best(lambda: check_store(store), 1), floor)
        if not options.without_judgments:
            judged = with_judgments(archive, folder)
            size = sum(path.stat().st_size for path in judged.iterdir())
            print(f"rows with judgments: {size / 1e6:.0f} MB")
            importing("rows with judgments", judged, folder / "judged-home")
    demo = open_demo()
    line("check the demo corpus", best(lambda: check_store(demo), 3), floor)


if __name__ == "__main__":
    main()
