"""What can be wrong with all rows together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.submission import rules
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Collector, Violation

_FEW = 100  # Fewer rows than this say nothing about a system.
_SHOWN = 5


def missing(index: TaskIndex, present: NDArray[np.bool_], collector: Collector, where: str) -> None:
    """Rows and locales that have no prediction, summed up per locale."""
    counts = index.rows_by_locale
    absent = np.bincount(index.locale[~present], minlength=len(counts))
    ends = np.cumsum(counts)
    # A row may stand on a line that says no id, or nothing at all.
    unread = any(code.startswith("MK2") for code in collector.counts)
    mend = ", or mend the lines that could not be read" if unread else ""
    for at, locale in enumerate(index.locales):
        if not absent[at]:
            continue
        if absent[at] == counts[at]:
            words, todo = f"{locale} has no rows", "predict it, or check --task"
            collector.add(Violation(rules.MISSING_LOCALE, words, f"{counts[at]:,}", todo), where)
            continue
        rows = np.flatnonzero(~present[ends[at] - counts[at] : ends[at]]) + ends[at] - counts[at]
        some = ", ".join(index.ids[row] for row in rows[:_SHOWN])
        words = f"{locale} lacks {absent[at]:,} of {counts[at]:,} rows"
        todo = (
            f"predict id{'s' * (len(rows) > 1)} {some}{', ...' if len(rows) > _SHOWN else ''}{mend}"
        )
        violation = Violation(rules.MISSING_ROWS, words, todo=todo)
        collector.add(violation, where, times=int(absent[at]))


def sameness(
    index: TaskIndex,
    intents: NDArray[np.int32],
    labels: NDArray[np.int16],
    collector: Collector,
    where: str,
) -> None:
    """Predictions that look like those of a broken system."""
    named = bool(index.inventory.intents)
    given = intents[intents >= 0]
    if len(given if named else intents) < _FEW:
        return
    if named and (given == given[0]).all() and len(index.inventory.intents) > 1:
        name = index.inventory.intents[given[0]]
        words = f"every row has the intent {name!r}"
        collector.add(Violation(rules.SAME_INTENT, words), where)
    if not labels.any() and index.inventory.slots:
        collector.add(Violation(rules.NO_SLOTS, "no row has a slot"), where)


def training_gold(
    index: TaskIndex, hashes: Sequence[int], collector: Collector, where: str
) -> None:
    """Rows that are copied from the training split, labels and all: gold under other ids."""
    if index.training is None:
        return
    start = 0
    for locale, count in zip(index.locales, index.rows_by_locale.tolist(), strict=True):
        predicted = hashes[start : start + count]
        start += count
        gold = {hash(text) for text in index.training(locale)}
        copies = sum(value in gold for value in predicted)
        # A few test utterances are in the training split, too: in some locales one in seven.
        if count >= _FEW and copies > count / 2:
            rows = f"{copies:,} of {count:,} rows of {locale}"
            words = f"{rows} are in its training split, labels and all"
            collector.add(Violation(rules.TRAINING_GOLD, words), where)
