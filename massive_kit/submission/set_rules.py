"""What can be wrong with all rows together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.submission import rules
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Collector, Finding

_FEW = 100  # Fewer rows than this say nothing about a system.


def missing(index: TaskIndex, present: NDArray[np.bool_], collector: Collector, where: str) -> None:
    """Rows and locales that have no prediction, summarised a locale."""
    counts = index.rows_by_locale
    absent = np.bincount(index.locale[~present], minlength=len(counts))
    ends = np.cumsum(counts)
    for at, locale in enumerate(index.locales):
        if not absent[at]:
            continue
        if absent[at] == counts[at]:
            finding = Finding(
                f"{locale} has no rows", f"{counts[at]:,}", "predict it, or check --task"
            )
            collector.add(rules.MISSING_LOCALE, where, None, finding)
            continue
        rows = np.flatnonzero(~present[ends[at] - counts[at] : ends[at]]) + ends[at] - counts[at]
        some = ", ".join(index.ids[row] for row in rows[:5])
        finding = Finding(
            f"{locale} lacks {absent[at]:,} of {counts[at]:,} rows",
            todo=f"predict ids {some}{', ...' if len(rows) > 5 else ''}",  # noqa: PLR2004 - as many as are shown
        )
        collector.add(rules.MISSING_ROWS, where, None, finding, times=int(absent[at]))


def sameness(
    index: TaskIndex,
    intents: NDArray[np.int32],
    labels: NDArray[np.int16],
    collector: Collector,
    where: str,
) -> None:
    """Predictions that look like those of a broken system."""
    given = intents[intents >= 0]
    if len(given) < _FEW:
        return
    if (given == given[0]).all() and len(index.inventory.intents) > 1:
        name = index.inventory.intents[given[0]]
        collector.add(rules.SAME_INTENT, where, None, Finding(f"every row has the intent {name!r}"))
    if not labels.any() and index.inventory.slots:
        collector.add(rules.NO_SLOTS, where, None, Finding("no row has a slot"))


def training_gold(
    index: TaskIndex, hashes: Sequence[int], collector: Collector, where: str
) -> None:
    """Rows that stand in the training split, labels and all: gold under other ids."""
    if index.training is None:
        return
    start = 0
    for locale, count in zip(index.locales, index.rows_by_locale.tolist(), strict=True):
        own = hashes[start : start + count]
        start += count
        gold = {hash(text) for text in index.training(locale)}
        copies = sum(value in gold for value in own)
        # A few test utterances do stand in the training split, in some locales one in seven.
        if count >= _FEW and copies > count / 2:
            told = f"{copies:,} of {count:,} rows of {locale} stand in its training split"
            finding = Finding(f"{told}, labels and all")
            collector.add(rules.TRAINING_GOLD, where, None, finding)
