"""A process that predicts with one system and says what it took; `measuring` starts it.

It reads settings from stdin and writes numbers to stdout, as JSON.
"""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from massive_kit.runs.loading import load_system
from massive_kit.systems.interface import ComputedSystem, System, Utterance


def main() -> None:
    """Loads, predicts once, warms up, and predicts one by one and together."""
    settings = orjson.loads(sys.stdin.buffer.read())
    utterances = [Utterance(**values) for values in settings["utterances"]]
    system = load_system(Path(settings["run"]), settings["overrides"])
    _answer(system, utterances[:1])
    started = time.time()
    for utterance in utterances[: settings["warm_up"]]:
        _answer(system, [utterance])
    alone = [partial(_answer, system, [utterance]) for utterance in utterances]
    times = _times(alone, settings["repetitions"])
    size = settings["batch"]
    begin = time.perf_counter()
    for _ in range(settings["repetitions"]):
        for first in range(0, len(utterances), size):
            _answer(system, utterances[first : first + size])
    together = time.perf_counter() - begin
    # KiB, but bytes on macOS.
    unit = 1 << 20 if platform.system() == "Darwin" else 1 << 10
    result: dict[str, Any] = {
        "first_answer": started,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        "times": times,
        "utterances_per_second": len(utterances) * settings["repetitions"] / together,
    }
    if isinstance(system, ComputedSystem) and (shapes := system.products()):
        counts = system.subword_counts(utterances)
        result["floor"] = floor_times(shapes, counts, settings["repetitions"])
    sys.stdout.buffer.write(orjson.dumps(result))


def floor_times(
    shapes: Sequence[tuple[int, int]], counts: Sequence[int], repetitions: int
) -> list[float]:
    """Milliseconds of the products of weights alone, for utterances of so many subwords each.

    Args:
        shapes: Inputs and outputs of each product, in order.
        counts: Subwords of each utterance.
        repetitions: How often each is computed.
    """
    draw = np.random.default_rng(0).standard_normal
    weights = [draw(shape, np.float32) for shape in shapes]
    widest = max(inputs for inputs, _ in shapes)
    rows = draw((max(counts), widest), np.float32)

    def multiply(count: int) -> None:
        for table in weights:
            rows[:count, : table.shape[0]] @ table

    return _times([partial(multiply, count) for count in counts], repetitions)


def _times(calls: Sequence[Callable[[], Any]], repetitions: int) -> list[float]:
    """Milliseconds of each call, all of them one after the other, several times."""
    times = []
    for _ in range(repetitions):
        for call in calls:
            begin = time.perf_counter()
            call()
            times.append(1000 * (time.perf_counter() - begin))
    return times


def _answer(system: System, utterances: Sequence[Utterance]) -> None:
    for _ in system.predict(utterances):
        pass


if __name__ == "__main__":
    main()
