"""Label sequences as Python lists, turned into the arrays that the scorer counts on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.ragged import offsets_of
from massive_kit.data.tokens import OTHER


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One utterance.

    Attributes:
        locale: Its locale.
        id: Its id.
        intent: Its intent.
        labels: A slot or `Other` for each token.
    """

    locale: str
    id: str
    intent: str
    labels: Sequence[str]


def inventory_of(*rows: Iterable[LabelledRow]) -> Inventory:
    """The labels that occur, as MASSIVE's own inventory where that holds them all."""
    every = list(chain(*rows))
    intents = {row.intent for row in every}
    slots = set(chain.from_iterable(row.labels for row in every)) - {OTHER}
    massive = Inventory.massive()
    if intents <= set(massive.intents) and slots <= set(massive.slots):
        return massive
    known = massive.scenarios
    return Inventory.of([(intent, known.get(intent)) for intent in intents], slots)


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
        intents=np.array([inventory.intent_index[row.intent] for row in ordered], np.int32),
        labels=np.array([index[label] for row in ordered for label in row.labels], np.int16),
        offsets=offsets_of([len(row.labels) for row in ordered]),
    )
