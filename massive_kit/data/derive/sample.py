"""Smaller stores: few-shot samples, and rows that their judges approve of.

A sample is nested: the ids drawn for k = 1 are among those for k = 5 of the same seed. Where the
corpus is parallel the same ids are taken in every locale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from massive_kit.data.derivation import Derivation, DerivationReport, Transform, parameter
from massive_kit.data.judgments import JudgmentScore, majority_below
from massive_kit.data.split import draw_rank
from massive_kit.data.store import Store
from massive_kit.data.subset import ids_text
from massive_kit.data.tokens import OTHER
from massive_kit.errors import MissingDataError, UsageError


@dataclass(frozen=True, slots=True)
class Sample(Transform):
    """What to keep of the partitions that are sampled; the others are taken whole.

    Attributes:
        per_intent: At most so many ids of each intent, or `None`.
        total: At most so many ids, or `None`.
        stratified: Whether `total` ids are shared out over the intents, and over rows with and
            without slots, by how frequent they are.
        seed: Of the draw.
        partitions: The partitions to sample.
        least: The least score that most judges must give, or `None` to ignore judgments.
        whole: Locales that are taken whole.
        score: Which score.
    """

    description: ClassVar[str] = (
        "Write a few-shot sample, or the rows that judges approve of, as a store of its own.\n\n"
        "The same ids in every locale of a parallel corpus, and nested: -k 1 is inside -k 5."
        " Rows without judgments are kept. Other partitions are taken over whole. Where the ids are"
        " the same in every locale, ids-PARTITION.txt in the store's folder lists those drawn, for"
        " `test.ids` of a task."
    )

    per_intent: int | None = parameter(
        None, "At most so many of each intent.", "--per-intent", "-k"
    )
    total: int | None = parameter(None, "At most so many in all.", "--n", "-n")
    stratified: bool = parameter(
        False, "With --n, of each intent, with and without slots, its share.", "--stratified"
    )
    seed: int = parameter(0, "Seed of the draw.")
    partitions: tuple[str, ...] = parameter(
        ("train",), "What to sample; repeatable.", "--partition"
    )
    least: int | None = parameter(
        None,
        "Leave out rows that most judges give a lower intent_score.",
        "--min-intent-score",
    )
    whole: tuple[str, ...] = parameter(
        (),
        "Take this locale whole, beside a few rows of others; repeatable.",
        "--whole",
    )
    score: JudgmentScore = "intent_score"

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows drawn.

        Raises:
            MissingDataError: All locales lack a partition.
            UsageError: Nothing is asked for, a count is not positive, or there are no intents.
        """
        (store,) = stores
        self._check(store, locales)
        draw = _draw(store, [name for name in locales if name not in self.whole], self)

        def rows(locale: str, partition: str) -> pa.Table:
            table = store.read(partition, [locale])
            if partition not in self.partitions or locale in self.whole:
                return table
            return table.take(pa.array(draw.kept[partition, locale], pa.int64()))

        return Derivation(
            {locale: tuple(store.parts[locale]) for locale in locales},
            rows,
            store.inventory,
            store.character_locales & {*locales},
            draw.report(),
            self._lists(draw, store),
        )

    def _check(self, store: Store, locales: Sequence[str]) -> None:
        if self.per_intent is None and self.total is None and self.least is None:
            raise UsageError("say what to take: --per-intent, --n or --min-intent-score")
        for count in (self.per_intent, self.total):
            if count is not None and count < 1:
                raise UsageError(f"cannot draw {count} rows")
        if self.stratified and (self.total is None or self.per_intent is not None):
            raise UsageError("--stratified goes with --n, and not with --per-intent")
        if (self.per_intent is not None or self.stratified) and not store.inventory.intents:
            raise UsageError(f"{store.name} has no intents to draw rows of; say how many with --n")
        for partition in self.partitions:
            if not any(partition in store.parts[locale] for locale in locales):
                raise MissingDataError(f"the store {store.name} has no partition {partition}")
        if unknown := [locale for locale in self.whole if locale not in locales]:
            raise UsageError(f"--whole {unknown[0]}: no such locale among those that are taken")

    def _lists(self, draw: _Draw, store: Store) -> dict[str, str]:
        """The ids drawn of each partition, where they are the same in every locale."""
        how = ", stratified by intent and slots" if self.stratified else ""
        return {
            f"ids-{partition}.txt": ids_text(
                ids,
                f"{len(ids)} ids of {partition} of {store.name}{how}, drawn with seed {self.seed}",
            )
            for partition, ids in draw.ids.items()
        }


@dataclass(slots=True)
class _Draw:
    """What was drawn.

    Attributes:
        kept: Positions of the rows to keep, by partition and locale.
        parallel: Whether the same ids were taken in every locale.
        judged_out: Rows left out for their judgments, by locale.
        short: Intents that had fewer ids than were asked for.
        ids: By partition, the ids drawn in every locale, in file order.
    """

    kept: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    parallel: bool = True
    judged_out: dict[str, int] = field(default_factory=dict)
    short: set[str] = field(default_factory=set)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def report(self) -> DerivationReport:
        short = sorted(self.short)
        warnings = []
        if short:
            warnings.append(f"{len(short)} intents have fewer rows: {', '.join(short)}")
        if not self.parallel:
            warnings.append(
                "the ids, or their intents, are not the same in every locale, so every locale was"
                " drawn on its own"
            )
        judged_out = ", ".join(f"{locale} {n:,}" for locale, n in self.judged_out.items())
        return DerivationReport(
            {"judged_out": self.judged_out, "parallel": self.parallel, "short": short},
            (f"left out for their judgments: {judged_out}",) if judged_out else (),
            tuple(warnings),
        )


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What can be drawn of a locale and partition.

    Attributes:
        ids: Of all rows.
        intents: Of all rows.
        rows: Positions of those that may be kept.
        with_slot: Whether a row has a slot, of all rows; empty unless the sample is stratified. Of
            parallel ids the first locale says so for all.
    """

    ids: list[str]
    intents: list[str | None]
    rows: list[int]
    with_slot: list[bool] = field(default_factory=list)


def _draw(store: Store, locales: Sequence[str], sample: Sample) -> _Draw:
    draw = _Draw()
    limited = sample.per_intent is not None or sample.total is not None
    for partition in sample.partitions:
        candidates = {
            locale: _candidates(store, locale, partition, sample, draw)
            for locale in locales
            if partition in store.parts[locale]
        }
        if not limited:
            draw.kept |= {
                (partition, locale): of_locale.rows for locale, of_locale in candidates.items()
            }
            continue
        first = _shared(candidates, sample)
        draw.parallel &= first is not None
        if first is not None:
            # Only ids that are good in every locale, so that every locale gets the same ones.
            good = set.intersection(*({*of_locale.rows} for of_locale in candidates.values()))
            shared = replace(first, rows=sorted(good))
            rows = _choose(shared, sample, partition, draw.short)
            draw.kept |= {(partition, locale): rows for locale in candidates}
            draw.ids[partition] = [first.ids[row] for row in rows]
        else:
            for locale, of_locale in candidates.items():
                rows = _choose(of_locale, sample, partition, draw.short)
                draw.kept[partition, locale] = rows
    return draw


def _shared(candidates: Mapping[str, _Candidates], sample: Sample) -> _Candidates | None:
    """A locale whose ids are those of all, and its intents, too, where they are drawn by intent.

    Returns:
        `None` if there is none: ids by position are the same in every locale of a corpus that is
        not parallel. A locale without intents has those of the others.
    """
    if len({tuple(of_locale.ids) for of_locale in candidates.values()}) > 1:
        return None
    if sample.per_intent is None and not sample.stratified:
        return next(iter(candidates.values()))
    labelled = [of_locale for of_locale in candidates.values() if any(of_locale.intents)]
    if len({tuple(of_locale.intents) for of_locale in labelled}) > 1:
        return None
    return next(iter(labelled or candidates.values()))


def _candidates(
    store: Store, locale: str, partition: str, sample: Sample, draw: _Draw
) -> _Candidates:
    columns = ["id", "intent"] + ([] if sample.least is None else ["judgments"])
    columns += ["labels"] if sample.stratified else []
    table = store.read(partition, [locale], columns).combine_chunks()
    kept = np.ones(len(table), bool)
    if sample.least is not None and len(table):
        bad = majority_below(table.column("judgments").chunk(0), sample.score, sample.least)
        if bad is not None:
            kept &= ~bad
            draw.judged_out[locale] = draw.judged_out.get(locale, 0) + int(bad.sum())
    ids, intents = table.column("id").to_pylist(), table.column("intent").to_pylist()
    with_slot = []
    if sample.stratified:
        labels = table.column("labels").to_pylist()
        with_slot = [any(label != OTHER for label in row or ()) for row in labels]
    return _Candidates(ids, intents, np.flatnonzero(kept).tolist(), with_slot)


def _choose(candidates: _Candidates, sample: Sample, partition: str, short: set[str]) -> list[int]:
    """Positions of the rows drawn, in file order.

    Every id has a rank of its own, from the seed and the id alone; the lowest are taken. So a
    larger draw holds a smaller one, and a locale's draw does not depend on the others.
    """
    ranks = {row: draw_rank(sample.seed, partition, candidates.ids[row]) for row in candidates.rows}
    order = sorted(candidates.rows, key=ranks.__getitem__)
    if sample.per_intent is not None:
        counts: dict[Any, int] = {}
        chosen = []
        for row in order:
            intent = candidates.intents[row]
            counts[intent] = counts.get(intent, 0) + 1
            if counts[intent] <= sample.per_intent:
                chosen.append(row)
        short.update(str(intent) for intent, count in counts.items() if count < sample.per_intent)
        order = chosen
    if sample.total is not None and sample.stratified:
        return sorted(_spread(order, candidates, sample.total))
    if sample.total is not None:
        order = order[: sample.total]
    return sorted(order)


def _spread(order: Sequence[int], candidates: _Candidates, total: int) -> list[int]:
    """Rows at even steps through all, sorted by intent and then by whether they have a slot.

    So each intent, and of each intent either sort, has its share to within a row; a rare intent may
    have no row. (Systematic sampling with implicit stratification.)

    Args:
        order: All rows, in the order of their ranks.
        candidates: What they are.
        total: How many to take.
    """
    strata = sorted(
        order, key=lambda row: (str(candidates.intents[row]), candidates.with_slot[row])
    )
    count = min(total, len(strata))
    return [strata[int((i + 0.5) * len(strata) / count)] for i in range(count)]
