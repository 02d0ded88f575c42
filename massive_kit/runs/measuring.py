"""What systems need to predict: size, memory, latency, throughput; each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from massive_kit import provenance
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MassiveKitError, MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.predicting import read_utterances
from massive_kit.schema.cost import Cost, Latency, SystemCost
from massive_kit.systems.interface import Utterance
from massive_kit.systems.kind import kind_of

_CARD = "README.md"
_BATCH, _WARM_UP = 32, 10
_THREADS = "threads"
# What libraries read that compute in several threads.
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is measured.

    Attributes:
        task_data: Whose text is predicted; labels are not read.
        locales: The locales.
        rows: Utterances of each.
        repetitions: How often each is predicted.
        note: Told what is being done.
    """

    task_data: TaskData
    locales: tuple[str, ...]
    rows: int
    repetitions: int
    note: Callable[[str], None]

    def measure(self, paths: Sequence[Path]) -> Cost:
        """Measures runs one after the other.

        Raises:
            MissingDataError: One has not ended, or there is no text.
            MassiveKitError: One cannot predict.
        """
        test = self.task_data.test
        utterances = self._utterances()
        if not utterances:
            raise MissingDataError(f"{test.store.name} has no text to predict")
        systems = [self._measured(RunFolder(path), utterances) for path in paths]
        table = self.task_data.languages
        scripts = {table[locale].get("script") or "" for locale in self.locales if locale in table}
        return Cost(
            data=test.store.name,
            partition=test.partition,
            locales=[*self.locales],
            scripts=sorted(scripts - {""}),
            utterances=len(utterances),
            repetitions=self.repetitions,
            warm_up=_WARM_UP,
            threads=1,
            batch=_BATCH,
            machine=provenance.hardware(),
            versions=provenance.versions(),
            systems=systems,
        )

    def _utterances(self) -> list[Utterance]:
        return read_utterances(self.task_data.test.only(*self.locales), self.rows)

    def _measured(self, run: RunFolder, utterances: Sequence[Utterance]) -> SystemCost:
        facts, recipe = run.facts(), run.recipe()
        self.note(f"measuring {run.path}")
        overrides = [f"{_THREADS}=1"] if _THREADS in kind_of(recipe).prediction_keys else []
        result, begin = self._process(run, overrides, utterances)
        floor = result.get("floor")
        return SystemCost(
            name=run.path.resolve().name,
            title=facts["title"],
            kind=facts["kind"],
            precision=facts.get("export", {}).get("precision"),
            parameters=facts.get("parameters"),
            parameters_without_embeddings=facts.get("parameters_without_embeddings"),
            model_bytes=_bytes(run.model),
            peak_memory_mib=round(result["peak_memory_mib"], 1),
            cold_start_seconds=round(max(0.0, result["first_answer"] - begin), 3),
            latency=_latency(result["times"]),
            floor=None if floor is None else _latency(floor),
            utterances_per_second=round(result["utterances_per_second"], 2),
        )

    def _process(
        self, run: RunFolder, overrides: Sequence[str], utterances: Sequence[Utterance]
    ) -> tuple[dict[str, Any], float]:
        """What the process says, and when it was started."""
        settings = {
            "run": str(run.path),
            "overrides": overrides,
            "utterances": [asdict(utterance) for utterance in utterances],
            "warm_up": _WARM_UP,
            "repetitions": self.repetitions,
            "batch": _BATCH,
        }
        begin = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "massive_kit.runs.measured_process"],
            input=orjson.dumps(settings),
            capture_output=True,
            check=False,
            env=os.environ | _ONE_THREAD,
        )
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise MassiveKitError(f"{run.path} cannot be measured: {lines[-1]}")
        result: dict[str, Any] = orjson.loads(done.stdout)
        return result, begin


def _latency(times: Sequence[float]) -> Latency:
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    return Latency(p50=round(p50, 3), p99=round(p99, 3))


def _bytes(model: Path) -> int:
    files = (path for path in model.rglob("*") if path.is_file() and path.name != _CARD)
    return sum(path.stat().st_size for path in files)
