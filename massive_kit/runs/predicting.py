"""Predicts a task's test split with a run, locale by locale, so that a stopped call can go on."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.data.tokens import annotate, split
from massive_kit.errors import MissingDataError, UnfinishedError
from massive_kit.languages import LanguageTable
from massive_kit.notebook import ShownAsTable
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.prediction_maker import prediction_maker
from massive_kit.runs.prediction_parts import PartCounts, PredictionParts
from massive_kit.runs.text_software import warn_of_other_text
from massive_kit.systems.interface import Prediction, System, Usage, Utterance

if TYPE_CHECKING:
    import pandas as pd

# Told of rows that are done: their locale, and how many more there are.
RowsDone = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class PredictedFile(ShownAsTable):
    """What `predict_task` wrote.

    Attributes:
        path: The prediction file.
        rows: Its lines.
        failed: Answers that could not be read; only models that write freely have some.
        seconds: How long predicting took.
        counts: What came of each locale.
        made_by: What decided them, as `prediction_maker` gives it.
        kept: The day they were made, as YYYY-MM-DD, where they were there already.
    """

    path: Path
    rows: int
    failed: int
    seconds: float
    counts: Mapping[str, PartCounts] = field(default_factory=dict)
    made_by: Mapping[str, Any] = field(default_factory=dict)
    kept: str | None = None

    @property
    def usage(self) -> Usage | None:
        """What a language model took, if one was asked."""
        return sum(self.counts.values(), PartCounts()).usage

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
    rows_done: RowsDone | None = None,
    *,
    overrides: Sequence[str] = (),
) -> PredictedFile:
    """Writes predictions for a task's test split, in the store's order.

    A name that ends in `.gz` packs them. Finished locales wait in `OUT.parts` until all are there.
    Under `torchrun` the locales are shared out over the processes, and the first one joins them.

    Raises:
        MissingDataError: `run` is not a finished run, or the data set has no test partition.
        UsageError: A key that cannot change after training.
        UnfinishedError: A budget is used up; the lines that are there are in `out`.
    """
    start = time.monotonic()
    test = task_data.test
    if not test.locales:
        raise MissingDataError(
            f"the data set {task_data.store.name} has no {test.partition} partition "
            f"for {task_data.task.name}"
        )
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    warn_of_other_text(RunFolder(run), test.store)
    made_by = prediction_maker(run, task_data, processes=world)
    parts = PredictionParts(out.with_name(f"{out.name}.parts") / _key(run, made_by, overrides))
    # The first process joins the parts, and keeps them from calls that have joined theirs.
    with parts.kept() if rank == 0 else nullcontext():
        _predict_locales(
            test.locales[rank::world], run, test, parts, out, rows_done, overrides=overrides
        )
        counts = parts.join(test.locales, out) if rank == 0 else {}
    if rank != 0:
        return PredictedFile(out, 0, 0, time.monotonic() - start)
    parts.remove()
    total = sum(counts.values(), PartCounts())
    seconds = time.monotonic() - start
    if total.usage is not None:
        RunFolder(run).note_usage(task_data.task.name, _usage_facts(counts, total, seconds))
    return PredictedFile(out, total.rows, total.failed, seconds, counts, made_by)


def _predict_locales(
    locales: Sequence[str],
    run: Path,
    test: DataSplit,
    parts: PredictionParts,
    out: Path,
    rows_done: RowsDone | None,
    *,
    overrides: Sequence[str],
) -> None:
    """Writes the parts of some locales that are not there yet."""
    system: System | None = None
    for locale in locales:
        if parts.has(locale):
            if rows_done is not None:
                rows_done(locale, test.only(locale).rows)
        else:
            if system is None:
                system = load_system(run, overrides)
            try:
                parts.write(system, read_utterances(test.only(locale)), locale, rows_done)
            except UnfinishedError as error:
                rows = parts.join_unfinished(test.locales, out)
                there = f"{out} has the {rows:,} of {test.rows:,} lines that are there"
                if not rows:
                    there = f"no line is there yet, and {out} is not written"
                raise UnfinishedError(f"{error}. {there}") from None


def read_utterances(split: DataSplit, most: int | None = None) -> list[Utterance]:
    """The utterances of a split, in order, so many of each locale; labels are not read."""
    names = ("id", "locale", "utt", "tokens")
    table = split.unlabelled().read(names, most)
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


def _key(run: Path, made_by: Mapping[str, Any], overrides: Sequence[str]) -> str:
    """A name for the run and the data, so that parts of others are not taken for theirs."""
    name = f"{run.resolve()} {sorted(made_by.items())} {sorted(overrides)}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _usage_facts(
    counts: Mapping[str, PartCounts], total: PartCounts, seconds: float
) -> dict[str, Any]:
    """What `run.json` says of what a language model took for a task."""
    assert total.usage is not None
    usage = asdict(total.usage) | {"seconds": round(total.usage.seconds, 1)}
    return {
        **{key: value for key, value in usage.items() if value not in {None, ""}},
        "rows": total.rows,
        "models": list(total.models),
        "dates": [*total.dates[:1], *total.dates[1:][-1:]],
        "failed": {locale: part.failed for locale, part in counts.items() if part.failed},
        "unread": {locale: part.unread for locale, part in counts.items() if part.unread},
        "wall_seconds": round(seconds, 1),
    }
