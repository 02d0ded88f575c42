"""Scores by what utterances are like: intent, length, slots, how made, seen in training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.score_tables import METRIC_COLUMNS
from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.counted import counted
from massive_kit.data.store import Store
from massive_kit.schema.scores import SLOT_METHODS
from massive_kit.scoring.alignment import Aligned
from massive_kit.scoring.bootstrap import Units
from massive_kit.scoring.estimates import pooled_estimates
from massive_kit.scoring.slot_methods import parts_of
from massive_kit.scoring.statistics import count_aligned

UTTERANCE_FACETS = ("intent", "scenario", "length", "slots")
DATA_FACETS = ("seen", "values", "slot_method")
_LENGTHS = ((1, 3), (4, 6), (7, 9), (10, 14), (15, None))
_MANY_SLOTS = 4
_NOTES = {
    "length": "Tokens; ja-JP, zh-CN and zh-TW count characters.",
    "slots": "Slots in the gold annotation.",
    "seen": "Whether the very utterance is in the training split of its locale.",
    "values": "Whether each slot's value occurs in that slot in the locale's training split.",
    "slot_method": "How the slots came from the source language, as rows say.",
}


@dataclass(frozen=True, slots=True)
class Facet:
    """A division of the utterances.

    Attributes:
        name: What divides them.
        values: The parts.
        codes: Shape (n,), the part of each utterance; -1 where that is not known.
    """

    name: str
    values: tuple[str, ...]
    codes: NDArray[np.int64]


def utterance_facet(name: str, aligned: Aligned) -> Facet:
    """A facet that the labels alone give.

    Raises:
        KeyError: It is none of `UTTERANCE_FACETS`.
    """
    gold = aligned.gold
    if name == "intent":
        return Facet(name, gold.inventory.intents, gold.intents.astype(np.int64))
    if name == "scenario":
        return Facet(name, gold.inventory.scenario_names, gold.scenarios)
    if name == "length":
        names = [f"{a} to {b}" if b else f"{a} or more" for a, b in _LENGTHS]
        starts = np.array([a for a, _ in _LENGTHS])
        codes = np.searchsorted(starts, gold.token_counts, side="right") - 1
        return Facet(name, tuple(names), codes)
    if name == "slots":
        counts = np.bincount(aligned.gold_spans.row, minlength=len(gold))
        names = [*map(str, range(_MANY_SLOTS)), f"{_MANY_SLOTS} or more"]
        return Facet(name, tuple(names), np.minimum(counts, _MANY_SLOTS))
    raise KeyError(name)


def data_facet(name: str, aligned: Aligned, store: Store, partition: str) -> Facet:
    """A facet that needs the rows: what was seen in training, and how rows were made.

    Args:
        name: `seen` (whole utterances), `values` (slot values) or `slot_method`.
        aligned: The labels.
        store: The data set that was scored, with its training split.
        partition: The partition that was scored.

    Raises:
        MissingDataError: The store lacks a locale or a partition.
        KeyError: It is none of `DATA_FACETS`.
    """
    if name not in DATA_FACETS:
        raise KeyError(name)
    values, codes_of = {
        "seen": (("seen in train", "unseen"), _seen),
        "values": (("all values seen in train", "some value unseen", "no slots"), _values),
        "slot_method": (SLOT_METHODS, _slot_methods),
    }[name]
    codes = [codes_of(store, partition, locale) for locale in aligned.gold.locales]
    return Facet(name, values, np.concatenate(codes) if codes else np.zeros(0, np.int64))


def _seen(store: Store, partition: str, locale: str) -> NDArray[np.int64]:
    known = set(store.read("train", [locale], ["utt"]).column("utt").to_pylist())
    scored = store.read(partition, [locale], ["utt"]).column("utt").to_pylist()
    return np.array([utt not in known for utt in scored], np.int64)


def _values(store: Store, partition: str, locale: str) -> NDArray[np.int64]:
    known = {value for row in _slot_values(store, "train", locale) for value in row}
    return np.array(
        [
            2 if not row else int(any(value not in known for value in row))
            for row in _slot_values(store, partition, locale)
        ],
        np.int64,
    )


def _slot_methods(store: Store, partition: str, locale: str) -> NDArray[np.int64]:
    return parts_of(store.read(partition, [locale], ["slot_method"]).column(0).to_pylist())


def _slot_values(store: Store, partition: str, locale: str) -> list[list[tuple[str, str]]]:
    from massive_kit.data.notation import parse

    rows = store.read(partition, [locale], ["annot_utt"]).column("annot_utt").to_pylist()
    return [
        # Training rows may be without labels.
        [(segment.slot, segment.text) for segment in parse(row or "") if segment.slot is not None]
        for row in rows
    ]


def facet_table(
    facet: Facet,
    aligned: Aligned,
    rows: NDArray[np.int64],
    *,
    resamples: int,
    seed: int,
    origins: NDArray[np.str_] | None = None,
) -> Table:
    """The main metrics of each part, pooled over the rows chosen.

    Args:
        facet: The parts.
        aligned: Gold and predicted labels.
        rows: The rows chosen.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        origins: As `SufficientStatistics` has them, of all rows.
    """
    everything = replace(count_aligned(aligned), origins=origins)
    parallel = Units.of(everything).parallel if resamples else None
    statistics = everything.take(rows)
    codes = facet.codes[rows]
    parts: list[tuple[Cell, ...]] = []
    for code, value in enumerate(facet.values):
        part = statistics.take(np.flatnonzero(codes == code))
        if len(part):
            estimates = pooled_estimates(part, resamples, seed, parallel=parallel)
            parts.append((value, len(part), *estimates.values()))
    if facet.name in {"intent", "scenario"}:
        parts.sort(key=_largest_first)
    notes = [_NOTES[facet.name]] if facet.name in _NOTES else []
    unknown = int((codes < 0).sum()) if facet.name in DATA_FACETS else 0
    if unknown:
        notes.append(f"{counted(unknown, 'utterance')} whose rows do not say are in no part.")
    return Table(
        facet.name,
        f"By {facet.name}, pooled over utterances",
        columns(facet.name, numbers=[("n", "n"), *METRIC_COLUMNS]),
        tuple(parts),
        tuple(notes),
    )


def _largest_first(row: tuple[Cell, ...]) -> tuple[int, str]:
    name, n = row[0], row[1]
    assert isinstance(n, int)
    return -n, str(name)
