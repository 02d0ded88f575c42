"""A run's answers to utterances and to their variants."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from massive_kit.data.annotated import check_annotated
from massive_kit.data.id_origins import id_origin
from massive_kit.data.perturbations import Perturb
from massive_kit.data.rewriting import LabelledRows, RewrittenRows
from massive_kit.data.span_schemes import Run, SpanScheme, runs_of, scheme_labels, slot_name
from massive_kit.data.task_data import TaskData
from massive_kit.data.tokens import OTHER
from massive_kit.errors import UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run
from massive_kit.runs.loading import load_system
from massive_kit.scoring.robustness import Pairs
from massive_kit.systems.interface import Prediction, PromptedSystem, System, Utterance

# What an answer says: the intent, and the spans of slots.
_Answer = tuple[str | None, tuple[Run, ...]]


def answer_pairs(
    run: Path,
    task_data: TaskData,
    perturbers: Mapping[str, Perturb],
    seed: int,
    done: Callable[[str, int], None] | None = None,
) -> dict[str, Pairs]:
    """What a run says of a task's test utterances, and of a variant of each, by locale.

    Args:
        run: A finished run.
        task_data: The task.
        perturbers: What makes a variant, by locale.
        seed: Of the variants.
        done: Called with each locale that is done, and its test rows.

    Raises:
        ConfigError: The run used more than the task allows, or labels were made.
        UsageError: The run asks a language model for each answer, which may cost.
    """
    check_run(RunFolder(run), task_data)
    check_annotated(task_data.test)
    system = load_system(run)
    if isinstance(system, PromptedSystem):
        raise UsageError(
            f"{run} asks a language model; --perturb would ask it twice for each utterance, and"
            " says nothing of what that costs"
        )
    test = task_data.test
    pairs = {}
    for locale in test.locales:
        if locale in perturbers:
            rows = LabelledRows.read(test.store, locale, test.partition)
            pairs[locale] = _pairs(system, rows, locale, perturbers[locale], seed, task_data)
        if done is not None:
            done(locale, test.only(locale).rows)
    return pairs


def _pairs(
    system: System,
    rows: LabelledRows,
    locale: str,
    perturb: Perturb,
    seed: int,
    task_data: TaskData,
) -> Pairs:
    store = task_data.test.store
    origin = id_origin(store.lineage)
    variants = RewrittenRows(rows, locale, locale in store.character_locales)
    generator = np.random.default_rng([seed, zlib.crc32(locale.encode())])
    origins = []
    for perturbed in perturb(rows.phrases, generator):
        variants.add(perturbed.row, "variant", perturbed.phrases)
        origins.append(perturbed.row)
    scheme = store.inventory.scheme
    kept = rows.table.take(origins) if origins else rows.table.slice(0, 0)
    before = _answers(system, _utterances(kept), scheme)
    after = _answers(system, _utterances(variants.table()), scheme)
    gold = _gold(kept, scheme)
    return Pairs(
        [origin(rows.ids[row]) for row in origins],
        np.array([a[0] != b[0] for a, b in zip(before, after, strict=True)], bool),
        np.array([a != b for a, b in zip(before, after, strict=True)], bool),
        _right(before, gold),
        _right(after, gold),
    )


def _utterances(table: pa.Table) -> list[Utterance]:
    names = ("id", "locale", "utt", "tokens")
    columns = (table.column(name).to_pylist() for name in names)
    return [Utterance(*row) for row in zip(*columns, strict=True)]


def _answers(system: System, utterances: Sequence[Utterance], scheme: SpanScheme) -> list[_Answer]:
    return [_answer(prediction, system, scheme) for prediction in system.predict(utterances)]


def _answer(prediction: Prediction, system: System, scheme: SpanScheme) -> _Answer:
    labels, spoken = prediction.labels, system.inventory.scheme
    if scheme == "runs" and spoken == "brackets":
        labels, spoken = [slot_name(label) for label in labels], "runs"
    return prediction.intent, _spans(labels, spoken)


def _gold(table: pa.Table, scheme: SpanScheme) -> list[_Answer]:
    names = ("intent", "labels", "boundaries")
    columns = (table.column(name).to_pylist() for name in names)
    return [
        (intent, _spans(scheme_labels(labels, boundaries or (), scheme), scheme))
        for intent, labels, boundaries in zip(*columns, strict=True)
    ]


def _spans(labels: Sequence[str], scheme: SpanScheme) -> tuple[Run, ...]:
    return tuple(run for run in runs_of(labels, scheme) if run.label != OTHER)


def _right(answers: Sequence[_Answer], gold: Sequence[_Answer]) -> np.ndarray:
    # A corpus without intents has none that could be wrong.
    return np.array(
        [
            said[1] == right[1] and right[0] in {None, said[0]}
            for said, right in zip(answers, gold, strict=True)
        ],
        bool,
    )
