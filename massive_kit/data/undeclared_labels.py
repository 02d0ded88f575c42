"""Labels of rows that an inventory does not declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.declared_inventory import nearest
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import OTHER
from massive_kit.data.ragged import rows_of_lengths
from massive_kit.data.split import DataSplit
from massive_kit.errors import ConfigError, Problem

# To look for the nearest label takes time; a column of other things has as many names as rows.
_MOST_HINTS = 100


@dataclass(frozen=True, slots=True)
class UndeclaredLabel:
    """A label that is not declared, and the rows that have it."""

    reason: str
    rows: list[int]


def undeclared_labels(
    intents: Any, scenarios: Any, labels: Any, inventory: Inventory
) -> Iterator[UndeclaredLabel]:
    """What rows have that an inventory lacks; nulls are no labels.

    Args:
        intents: Arrow array of strings.
        scenarios: Arrow array of strings; the scenario of an intent must be the one declared, where
            one is.
        labels: Arrow list array of slots' names, or `Other`, by token.
        inventory: What is declared.
    """
    yield from _unknown(intents, "intent", inventory.intents)
    lengths = pc.fill_null(pc.list_value_length(labels), 0).to_numpy(zero_copy_only=False)
    row_of_token = rows_of_lengths(lengths)
    for unknown in _unknown(labels.flatten(), "slot", (OTHER, *inventory.slots)):
        rows = np.unique(row_of_token[unknown.rows]).tolist()
        yield UndeclaredLabel(unknown.reason, rows)
    yield from _other_scenarios(intents, scenarios, inventory)


def check_labels(splits: Sequence[DataSplit], inventory: Inventory, where: str) -> None:
    """Finds out whether rows of a store have labels that an inventory lacks.

    Args:
        splits: The rows.
        inventory: What is declared.
        where: What declares it, for messages.

    Raises:
        ConfigError: They have; with a problem for each label and partition.
    """
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    seen: set[tuple[Path, str, str]] = set()
    for split in splits:
        for locale in split.locales:
            # Several splits of a task may be one partition.
            part = (split.store.path, split.partition, locale)
            if part in seen:
                continue
            seen.add(part)
            table = split.only(locale).read(["id", "intent", "scenario", "labels"])
            (batch,) = table.combine_chunks().to_batches() or [None]
            if batch is None:
                continue
            ids, intents, scenarios, labels = batch.columns
            for label in undeclared_labels(intents, scenarios, labels, inventory):
                key = (f"store {split.store.name}, {split.partition}", label.reason)
                counts[key] += len(label.rows)
                first.setdefault(key, f"{locale}/{ids[label.rows[0]].as_py()}")
    problems = []
    for (place, reason), count in counts.items():
        rows = f"{count:,} row{'' if count == 1 else 's'}, first {first[place, reason]}"
        problems.append(Problem(place, f"{reason}; {rows}", f"labels of {where} alone"))
    if problems:
        raise ConfigError("the data have labels that the task's inventory lacks", problems)


def _unknown(values: Any, what: str, declared: tuple[str, ...]) -> Iterator[UndeclaredLabel]:
    encoded = values.dictionary_encode()
    known = {*declared}
    hints = 0
    for code, name in enumerate(encoded.dictionary.to_pylist()):
        if name is None or name in known:
            continue
        hints += 1
        near = nearest(name, known - {OTHER}) if hints <= _MOST_HINTS else None
        words = f"the {what} {name!r:.80} is not declared"
        rows = _where(pc.equal(encoded.indices, code))
        yield UndeclaredLabel(f"{words} ({near})" if near else words, rows)


def _other_scenarios(
    intents: Any, scenarios: Any, inventory: Inventory
) -> Iterator[UndeclaredLabel]:
    pairs = pa.table({"intent": intents, "scenario": scenarios})
    for pair in pairs.group_by(["intent", "scenario"]).aggregate([]).to_pylist():
        intent, scenario = pair["intent"], pair["scenario"]
        declared = inventory.scenarios.get(intent)
        if scenario is None or declared is None or scenario == declared:
            continue
        both = pc.and_(pc.equal(intents, intent), pc.equal(scenarios, scenario))
        words = f"the scenario {scenario!r:.80} of {intent!r:.80} is declared as {declared!r:.80}"
        yield UndeclaredLabel(words, _where(both))


def _where(mask: Any) -> list[int]:
    rows: list[int] = np.flatnonzero(
        pc.fill_null(mask, fill_value=False).to_numpy(zero_copy_only=False)
    ).tolist()
    return rows
