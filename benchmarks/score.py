"""Scoring: how long it takes, how much memory, and how both grow.

python benchmarks/score.py [--predictions FILE --data NAME] [--without-seqeval]

The first table runs the command as a user does, from a file of real predictions; without
--predictions it is left out (`MASSIVE_KIT_REALDATA` names a folder that has them). The others run
on made-up labels of the size of MASSIVE's test split: 51 locales of 2,974 utterances.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.languages import LanguageTable
from massive_kit.scoring.averages import DEFAULT_GROUPINGS, Scopes
from massive_kit.scoring.bootstrap import percentile, resample
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.statistics import SufficientStatistics, count

LOCALES, ROWS = 51, 2974
RESAMPLES = 1000


def corpus(times: int) -> tuple[LabelColumns, LabelColumns]:
    """Gold and predictions of `times` as many locales; about seven tokens and one span per row."""
    generator = np.random.default_rng(0)
    inventory = Inventory.massive()
    locales = LOCALES * times
    lengths = generator.integers(1, 14, locales * ROWS)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = int(offsets[-1])
    labels = np.zeros(tokens, np.int16)
    inside = np.flatnonzero(generator.random(tokens) < 0.13)
    labels[inside] = generator.integers(1, len(inventory.labels), len(inside))
    # Half of the spans go on for a second token.
    longer = inside[(inside + 1 < tokens) & (generator.random(len(inside)) < 0.5)]
    labels[longer + 1] = labels[longer]
    guesses = labels.copy()
    changed = np.flatnonzero(generator.random(tokens) < 0.08)
    guesses[changed] = generator.integers(0, len(inventory.labels), len(changed))
    intents = generator.integers(0, len(inventory.intents), locales * ROWS)
    missed = generator.random(len(intents)) < 0.3
    guessed_intents = np.where(
        missed, generator.integers(0, len(inventory.intents), len(intents)), intents
    )
    shipped = list(LanguageTable.shipped().languages)[:LOCALES]
    names = [name if i == 0 else f"{name}.{i}" for i in range(times) for name in shipped]

    ids = np.tile(np.array([str(i) for i in range(ROWS)], object), locales)

    def columns(of_intents: np.ndarray, of_labels: np.ndarray) -> LabelColumns:
        return LabelColumns(
            inventory=inventory,
            locales=tuple(names),
            locale=np.repeat(np.arange(locales, dtype=np.int16), ROWS),
            ids=ids,
            intents=of_intents.astype(np.int32),
            labels=of_labels,
            offsets=offsets,
        )

    return columns(intents, labels), columns(guessed_intents, guesses)


def score(gold: LabelColumns, predicted: LabelColumns) -> SufficientStatistics:
    """Counts and the three metrics of every locale and pooled: scoring without resampling."""
    statistics = count(gold, predicted)
    for metric in MAIN:
        sums = {name: statistics.sums(name) for name in metric.columns}
        metric(sums)
        metric({name: values.sum() for name, values in sums.items()})
    return statistics


def intervals(statistics: SufficientStatistics, scopes: Scopes) -> None:
    """Resamples, and intervals of all locales, groups and averages."""
    drawn = resample(statistics, MAIN, scopes.averaged, RESAMPLES, 0)
    for metric in MAIN:
        percentile(scopes.spread(drawn.locales[metric.name], drawn.pooled[metric.name]))


@dataclass(frozen=True)
class Times:
    """Seconds of some calls, and the least that the processor was busy with one.

    On a machine with other work the clock says little; processor time still does.
    """

    clock: list[float]
    busy: float

    @property
    def best(self) -> float:
        """The shortest call."""
        return min(self.clock)


def timed(call: Callable[[], object], repeats: int) -> Times:
    """Calls it some times."""
    clock, busy = [], []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        call()
        clock.append(time.perf_counter() - start)
        busy.append(time.process_time() - used)
    return Times(clock, min(busy))


def peak_mb() -> float:
    """Most memory that this process has held."""
    # `getrusage` would count the parent's memory, too, from before the program was loaded.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def command(predictions: Path, data: str) -> None:
    """The whole command in processes of its own."""
    arguments = [sys.executable, "-m", "massive_kit", "eval", str(predictions)]
    arguments += ["--task", "massive-full", "--data", data, "--format", "json"]
    print("$ massive-kit eval predictions.jsonl.gz --task massive-full --data 1.1 --format json")
    seconds, busy, memory = [], [], []
    for _ in range(5):
        start = time.perf_counter()
        child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds.append(time.perf_counter() - start)
        busy.append(usage.ru_utime + usage.ru_stime)
        memory.append(usage.ru_maxrss / 1024)
        if status:
            sys.exit("the command failed")
    every = " ".join(f"{clock:.2f}" for clock in seconds)
    print(f"  whole process  best {min(seconds):.2f} s, median {median(seconds):.2f} s ({every})")
    print(f"  processor      best {min(busy):.2f} s    target of the clock: under 4 s on two cores")
    print(f"  peak memory    {max(memory):.0f} MB    target: under 700 MB\n")


def parts(*, seqeval: bool) -> None:
    """Scoring and resampling alone, and seqeval on the same spans."""
    gold, predicted = corpus(1)
    scoring = timed(lambda: score(gold, predicted), 15)
    statistics = score(gold, predicted)
    scopes = Scopes.by_columns(
        LanguageTable.shipped(), gold.locales, gold.locales, DEFAULT_GROUPINGS
    )
    drawing = timed(lambda: intervals(statistics, scopes), 7)
    print(f"{len(gold):,} utterances, {len(gold.labels):,} tokens, {LOCALES} locales, in memory")
    print(
        f"  scoring        best {1e3 * scoring.best:.0f} ms, median"
        f" {1e3 * median(scoring.clock):.0f} ms, processor {1e3 * scoring.busy:.0f} ms"
        "    target: under 60 ms"
    )
    print(
        f"  bootstrap      best {drawing.best:.2f} s, median {median(drawing.clock):.2f} s,"
        f" processor {drawing.busy:.2f} s"
        f"    target: under 1 s ({RESAMPLES:,} resamples, 3 metrics,"
        f" {LOCALES} locales, {len(scopes.groups)} groups, 3 averages)"
    )
    if seqeval:
        compare(gold, predicted, statistics, scoring.busy)
    print()


def compare(
    gold: LabelColumns, predicted: LabelColumns, statistics: SufficientStatistics, ours: float
) -> None:
    """Seqeval's `f1_score` on the same spans."""
    from seqeval.metrics import f1_score

    from massive_kit.scoring.cross_check import iob2

    tags = [
        [iob2(side.row_labels(row), "runs") for row in range(len(side))]
        for side in (gold, predicted)
    ]
    start = time.process_time()
    theirs = f1_score(*tags)
    seconds = time.process_time() - start
    (metric,) = (metric for metric in MAIN if metric.name == "slot_f1")
    value = float(metric({name: statistics.sums(name).sum() for name in metric.columns}))
    print(f"  seqeval        {seconds:.2f} s for slot F1 alone: {seconds / ours:.0f} times scoring")
    print(f"                 slot F1 {value:.12f} here, {theirs:.12f} there")


def scaled(times: int) -> None:
    """One row of the table of growth; runs in a process of its own, for its memory."""
    gold, predicted = corpus(times)
    before = peak_mb()
    scoring = timed(lambda: score(gold, predicted), 3).busy
    statistics = score(gold, predicted)
    scopes = Scopes.by_columns(
        LanguageTable.shipped(), gold.locales, gold.locales, DEFAULT_GROUPINGS
    )
    drawing = timed(lambda: intervals(statistics, scopes), 3).busy
    print(
        f"{times:>4}x {len(gold):>11,} {len(gold.locales):>8} {1e3 * scoring:>12.0f}"
        f" {1e9 * scoring / len(gold):>10.0f} {drawing:>12.2f}"
        f" {1e9 * drawing / len(gold) / RESAMPLES:>10.2f} {before:>9.0f} {peak_mb():>9.0f}",
        flush=True,
    )


def growth() -> None:
    """Time and memory at 1, 4 and 16 times the rows."""
    print("growth: synthetic locales, processor time, every process alone")
    print("       utterances  locales   scoring ms  ns/row  bootstrap s   ns/row/resample", end="")
    print("  corpus MB  peak MB")
    for times in (1, 4, 16):
        subprocess.run([sys.executable, __file__, "--scale", str(times)], check=True)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    given = os.environ.get("MASSIVE_KIT_REALDATA")
    default = Path(given) / "predictions" / "predictions.jsonl.gz" if given else None
    parser.add_argument("--predictions", type=Path, default=default)
    parser.add_argument("--data", default="1.1")
    parser.add_argument("--scale", type=int)
    parser.add_argument("--without-seqeval", action="store_true")
    options = parser.parse_args()
    if options.scale:
        scaled(options.scale)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, numpy {np.__version__}\n")
    if options.predictions:
        command(options.predictions, options.data)
    parts(seqeval=not options.without_seqeval)
    growth()


if __name__ == "__main__":
    main()
