"""Smaller stores: few-shot samples, and rows that their judges approve of.

A sample is nested: the ids drawn for k = 1 are among those for k = 5 of the same seed. Where the
corpus is parallel the same ids are taken in every locale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from massive_kit.data.intake.conversion import content_hash
from massive_kit.data.intake.part_writing import part_writer
from massive_kit.data.judgments import Score, majority_below
from massive_kit.data.split import draw_rank
from massive_kit.data.store import Part, Store
from massive_kit.errors import MissingDataError, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.provenance import file_sha256


@dataclass(frozen=True, slots=True)
class Sample:
    """What to keep of the partitions that are sampled; the others are taken whole.

    Attributes:
        partitions: The partitions to sample.
        per_intent: At most so many ids of each intent, or `None`.
        total: At most so many ids, or `None`.
        seed: Of the draw.
        least: The least score that most judges must give, or `None` to ignore judgments.
        score: Which score.
    """

    partitions: tuple[str, ...] = ("train",)
    per_intent: int | None = None
    total: int | None = None
    seed: int = 0
    least: int | None = None
    score: Score = "intent_score"


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a sample came to.

    Attributes:
        store: The new store.
        parallel: Whether the same ids were taken in every locale.
        judged_out: Rows left out for their judgments, by locale.
        short: Intents that had fewer ids than were asked for.
    """

    store: Store
    parallel: bool
    judged_out: dict[str, int]
    short: tuple[str, ...]

    @property
    def rows(self) -> dict[str, int]:
        """Utterances of each partition over all locales."""
        found: dict[str, int] = {}
        for own in self.store.parts.values():
            for partition, part in own.items():
                found[partition] = found.get(partition, 0) + part.rows
        return found


def sample_store(
    store: Store,
    target: Path,
    sample: Sample,
    *,
    name: str,
    locales: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Sampled:
    """Writes a part of a store as a store of its own, whole or not at all.

    Raises:
        MissingDataError: The store lacks a locale or, in all of them, a partition.
        UsageError: A count is not positive.
    """
    for count in (sample.per_intent, sample.total):
        if count is not None and count < 1:
            raise UsageError(f"cannot draw {count} rows")
    chosen = tuple(locales) if locales else store.locales
    missing = [locale for locale in chosen if locale not in store.parts]
    if missing:
        raise MissingDataError(f"the store {store.name} has no locale {', '.join(missing)}")
    for partition in sample.partitions:
        if not any(partition in store.parts[locale] for locale in chosen):
            raise MissingDataError(f"the store {store.name} has no partition {partition}")
    judged_out: dict[str, int] = {}
    drawn, parallel, short = _draw(store, chosen, sample, judged_out)
    parts: dict[str, dict[str, Part]] = {}
    with atomic_folder(target) as folder:
        for locale in chosen:
            for partition in store.parts[locale]:
                table = store.read(partition, [locale])
                if partition in sample.partitions:
                    table = table.take(pa.array(drawn[partition, locale], pa.int64()))
                path = folder / locale / f"{partition}.parquet"
                table = table.combine_chunks()
                with part_writer(path) as writer:
                    writer.write_table(table)
                part = Part(len(table), file_sha256(path), content_hash(table))
                parts.setdefault(locale, {})[partition] = part
            if progress:
                progress(locale)
        characters = store.character_locales & {*chosen}
        # It is another data set now, so it claims no version.
        shots = sample.per_intent if "train" in sample.partitions else store.shots
        index = Store(folder, name, "", store.inventory, parts, frozenset(characters), shots)
        index.write_index()
    return Sampled(Store.open(target), parallel, judged_out, short)


def _draw(
    store: Store, locales: tuple[str, ...], sample: Sample, judged_out: dict[str, int]
) -> tuple[dict[tuple[str, str], list[int]], bool, tuple[str, ...]]:
    """Row numbers to keep, by partition and locale."""
    drawn: dict[tuple[str, str], list[int]] = {}
    parallel = True
    short: set[str] = set()
    draws = sample.per_intent is not None or sample.total is not None
    for partition in sample.partitions:
        rows = {}
        for locale in locales:
            if partition in store.parts[locale]:
                rows[locale] = _good_rows(store, locale, partition, sample, judged_out)
        if not draws:
            drawn |= {(partition, locale): own.kept for locale, own in rows.items()}
            continue
        same = len({tuple(own.ids) for own in rows.values()}) == 1
        parallel &= same
        if same:
            # Only ids that are good in every locale, so that every locale gets the same ones.
            good = set.intersection(*({*own.kept} for own in rows.values()))
            first = next(iter(rows.values()))
            kept = _choose(_Rows(first.ids, first.intents, sorted(good)), sample, partition, short)
            drawn |= {(partition, locale): kept for locale in rows}
        else:
            for locale, own in rows.items():
                drawn[partition, locale] = _choose(own, sample, partition, short)
    return drawn, parallel, tuple(sorted(short))


@dataclass(frozen=True, slots=True)
class _Rows:
    ids: list[str]
    intents: list[str | None]
    kept: list[int]


def _good_rows(
    store: Store, locale: str, partition: str, sample: Sample, judged_out: dict[str, int]
) -> _Rows:
    columns = ["id", "intent"] + ([] if sample.least is None else ["judgments"])
    table = store.read(partition, [locale], columns).combine_chunks()
    kept = np.ones(len(table), bool)
    if sample.least is not None and len(table):
        bad = majority_below(table.column("judgments").chunk(0), sample.score, sample.least)
        if bad is not None:
            kept &= ~bad
            judged_out[locale] = judged_out.get(locale, 0) + int(bad.sum())
    ids, intents = table.column("id").to_pylist(), table.column("intent").to_pylist()
    return _Rows(ids, intents, np.flatnonzero(kept).tolist())


def _choose(rows: _Rows, sample: Sample, partition: str, short: set[str]) -> list[int]:
    """Rows of a draw, in file order.

    Every id has a rank of its own, from the seed and the id alone; the lowest are taken. So a
    larger draw holds a smaller one, and a locale's draw does not hang on the others.
    """
    ranks = {row: draw_rank(sample.seed, partition, rows.ids[row]) for row in rows.kept}
    order = sorted(rows.kept, key=ranks.__getitem__)
    if sample.per_intent is not None:
        counts: dict[Any, int] = {}
        chosen = []
        for row in order:
            intent = rows.intents[row]
            counts[intent] = counts.get(intent, 0) + 1
            if counts[intent] <= sample.per_intent:
                chosen.append(row)
        short.update(str(intent) for intent, count in counts.items() if count < sample.per_intent)
        order = chosen
    if sample.total is not None:
        order = order[: sample.total]
    return sorted(order)
