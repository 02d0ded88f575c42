"""Predicts a task's test split with a run, locale by locale, so that a stopped call can go on."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.data.tokens import annotate, split
from massive_kit.errors import MissingDataError
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file
from massive_kit.languages import LanguageTable
from massive_kit.notebook import ShownAsTable
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.systems.interface import Prediction, System, Utterance

if TYPE_CHECKING:
    import pandas as pd

# Told of each locale that is done, with its rows.
LocaleDone = Callable[[str, int], None]

_WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class PredictedFile(ShownAsTable):
    """What `predict_task` wrote.

    Attributes:
        path: The prediction file.
        rows: Its lines.
        failed: Answers that could not be read; only unconstrained text-to-text has some.
        seconds: How long predicting took.
    """

    path: Path
    rows: int
    failed: int
    seconds: float

    def to_frame(self) -> pd.DataFrame:
        """The file's lines as a pandas data frame, one row per utterance."""
        import pandas as pd

        raw = self.path.read_bytes()
        text = gzip.decompress(raw) if self.path.suffix == ".gz" else raw
        return pd.DataFrame(map(orjson.loads, text.splitlines()))


@dataclass(frozen=True, slots=True)
class PredictedTexts(ShownAsTable):
    """Predictions for texts, in order.

    Attributes:
        predictions: The predictions.
        scheme: The span scheme of their labels.
    """

    predictions: tuple[Prediction, ...]
    scheme: SpanScheme

    def to_frame(self) -> pd.DataFrame:
        """One row per text: text, intent, annotated text."""
        import pandas as pd

        rows = [
            {
                "text": prediction.utterance.text,
                "intent": prediction.intent,
                "annotated": annotate(prediction.utterance.tokens, prediction.labels, self.scheme),
            }
            for prediction in self.predictions
        ]
        return pd.DataFrame(rows, columns=["text", "intent", "annotated"])


def predict_task(
    run: Path,
    task_data: TaskData,
    out: Path,
    locale_done: LocaleDone | None = None,
    *,
    overrides: Sequence[str] = (),
) -> PredictedFile:
    """Writes predictions for a task's test split, in the store's order.

    A name that ends in `.gz` packs them. Finished locales wait in `OUT.parts` until all are there.
    Under `torchrun` the locales are shared out over the processes, and the first one joins them.

    Raises:
        MissingDataError: `run` is not a finished run, or the data set has no test partition.
        UsageError: A key that cannot change after training.
    """
    start = time.monotonic()
    test = task_data.test
    if not test.locales:
        raise MissingDataError(
            f"the data set {task_data.store.name} has no {test.partition} partition "
            f"for {task_data.task.name}"
        )
    parts = out.with_name(f"{out.name}.parts") / _key(run, task_data, overrides)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    system: System | None = None
    for locale in test.locales[rank::world]:
        part = parts / f"{locale}.jsonl"
        if not part.is_file():
            if system is None:
                system = load_system(run, overrides)
            utterances = read_utterances(test.only(locale))
            _write_part(system, utterances, part)
        if locale_done is not None:
            locale_done(locale, test.only(locale).rows)
    if rank != 0:
        return PredictedFile(out, 0, 0, time.monotonic() - start)
    rows, failed = _join(parts, test.locales, out)
    shutil.rmtree(parts.parent)
    return PredictedFile(out, rows, failed, time.monotonic() - start)


def read_utterances(split: DataSplit) -> list[Utterance]:
    """The utterances of a split, in order; labels are not read."""
    names = ("id", "locale", "utt", "tokens")
    table = split.unlabelled().read(names)
    columns = (table.column(name).to_pylist() for name in names)
    return [Utterance(*row) for row in zip(*columns, strict=True)]


def first_utterance(split: DataSplit) -> Utterance:
    """The first utterance of a split.

    Raises:
        MissingDataError: It has none.
    """
    for part in split.by_locale():
        if utterances := read_utterances(part):
            return utterances[0]
    raise MissingDataError(f"{split.store.name} has no {split.partition} rows")


def predict_texts(system: System, texts: Sequence[str], locale: str) -> list[Prediction]:
    """A system's predictions for texts of one locale, in order."""
    return list(system.predict(text_utterances(texts, locale, system)))


def text_utterances(texts: Sequence[str], locale: str, system: System) -> list[Utterance]:
    """Texts of one locale as utterances, numbered from 0."""
    known = locale in system.character_locales
    characters = known or LanguageTable.shipped()[locale].character_scored
    return [
        Utterance(str(i), locale, text, split(text, characters=characters))
        for i, text in enumerate(texts)
    ]


def _write_part(system: System, utterances: Sequence[Utterance], part: Path) -> None:
    failed = 0
    with atomic_file(part) as stream:
        for prediction in system.predict(utterances):
            failed += prediction.failed
            stream.write(prediction_line(prediction, system.inventory.scheme))
    jsonio.write_json(part.with_suffix(".json"), {"rows": len(utterances), "failed": failed})


def _join(parts: Path, locales: Sequence[str], out: Path) -> tuple[int, int]:
    rows = failed = 0
    with atomic_file(out) as raw:
        stream = gzip.GzipFile("", "wb", 6, raw, mtime=0) if out.suffix == ".gz" else raw
        for locale in locales:
            facts = parts / f"{locale}.json"
            while not facts.is_file():
                # Another process is still predicting this locale.
                time.sleep(_WAIT_SECONDS)
            counts = jsonio.read_json(facts)
            rows += counts["rows"]
            failed += counts["failed"]
            stream.write((parts / f"{locale}.jsonl").read_bytes())
        if stream is not raw:
            stream.close()
    return rows, failed


def _key(run: Path, task_data: TaskData, overrides: Sequence[str]) -> str:
    """A name for the run and the data, so that parts of others are not taken for theirs."""
    facts = RunFolder(run).facts_file
    written = facts.stat().st_mtime_ns if facts.is_file() else 0
    name = f"{run.resolve()} {written} {task_data.test.hash} {sorted(overrides)}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]
