"""Label sequences as Python lists, turned into the arrays that the scorer counts on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.notation import OTHER
from massive_kit.data.ragged import offsets_of
from massive_kit.data.span_schemes import SpanScheme, scheme_labels


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One utterance.

    Attributes:
        locale: Its locale.
        id: Its id.
        intent: Its intent; `None` where there is none.
        labels: A slot or `Other` for each token.
        boundaries: Tokens that begin a span directly after one of the same slot.
    """

    locale: str
    id: str
    intent: str | None
    labels: Sequence[str]
    boundaries: Sequence[int] = ()


def inventory_of(
    references: Iterable[LabelledRow],
    predictions: Iterable[LabelledRow],
    scheme: SpanScheme | None = None,
) -> Inventory:
    """The labels that occur, as MASSIVE's own inventory where that holds them all.

    Args:
        references: The gold labels.
        predictions: The predictions.
        scheme: What a span is; by default `runs` where the gold labels are MASSIVE's, as in its
            reference scorer, else `brackets`.
    """
    massive = Inventory.massive()
    gold, both = _LabelsOf.rows(references), _LabelsOf.rows(chain(references, predictions))
    scheme = scheme or ("runs" if gold.are_of(massive) else "brackets")
    if both.are_of(massive):
        return replace(massive, scheme=scheme)
    known = massive.scenarios
    return Inventory.of(
        [(intent, known.get(intent)) for intent in both.intents], both.slots, scheme
    )


@dataclass(frozen=True, slots=True)
class _LabelsOf:
    intents: set[str]
    slots: set[str]

    @classmethod
    def rows(cls, rows: Iterable[LabelledRow]) -> _LabelsOf:
        intents: set[str] = set()
        slots: set[str] = set()
        for row in rows:
            if row.intent is not None:
                intents.add(row.intent)
            slots.update(row.labels)
        return cls(intents, slots - {OTHER})

    def are_of(self, inventory: Inventory) -> bool:
        return self.intents <= {*inventory.intents} and self.slots <= {*inventory.slots}


def label_columns(inventory: Inventory, rows: Sequence[LabelledRow]) -> LabelColumns:
    """Rows as arrays, locale after locale in order of appearance.

    Raises:
        KeyError: A label is not in the inventory.
    """
    locales = tuple(dict.fromkeys(row.locale for row in rows))
    position = {locale: i for i, locale in enumerate(locales)}
    ordered = sorted(rows, key=lambda row: position[row.locale])
    index = inventory.label_index
    return LabelColumns(
        inventory=inventory,
        locales=locales,
        locale=np.array([position[row.locale] for row in ordered], np.int16),
        ids=np.array([row.id for row in ordered], object),
        intents=np.array(
            [-1 if row.intent is None else inventory.intent_index[row.intent] for row in ordered],
            np.int32,
        ),
        labels=np.array(
            [
                index[label]
                for row in ordered
                for label in scheme_labels(row.labels, row.boundaries, inventory.scheme)
            ],
            np.int16,
        ),
        offsets=offsets_of([len(row.labels) for row in ordered]),
    )
