"""Labelled utterances as flat arrays: what the scorer counts on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import cut, rows_of_lengths


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """The labels of n utterances; rows of a locale stand together, in the order of `locales`.

    Attributes:
        inventory: What the integers mean.
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        ids: Shape (n,), the utterance ids as strings.
        intents: Shape (n,), position in `inventory.intents`; -1 where there is no label.
        labels: Flat, the label integer of every token; 0 is `Other`.
        offsets: Shape (n + 1,); row i has `labels[offsets[i]:offsets[i + 1]]`.
    """

    inventory: Inventory
    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    ids: NDArray[Any]
    intents: NDArray[np.int32]
    labels: NDArray[np.int16]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    @property
    def token_counts(self) -> NDArray[np.int64]:
        """Shape (n,), tokens per utterance."""
        return np.diff(self.offsets)

    @property
    def scenarios(self) -> NDArray[np.int64]:
        """Shape (n,), position in `inventory.scenario_names`; -1 where there is none."""
        names, of_intent = self.inventory.scenario_names, self.inventory.scenarios
        positions = {name: i for i, name in enumerate(names)}
        known = [positions.get(of_intent.get(name, ""), -1) for name in self.inventory.intents]
        # An intent that is not labelled, at position -1, picks what is appended.
        return np.array([*known, -1])[self.intents]

    def rows_of(self, locale: str) -> range:
        """The rows of a locale; none of one that is not here."""
        if locale not in self.locales:
            return range(0)
        position = self.locales.index(locale)
        return range(*np.searchsorted(self.locale, [position, position + 1]).tolist())

    def only(self, *locales: str) -> LabelColumns:
        """The rows of some locales, in the order given."""
        if locales == self.locales:
            return self
        ranges = [self.rows_of(locale) for locale in locales]
        rows = np.concatenate([np.arange(0), *map(np.asarray, ranges)]).astype(np.int64)
        labels, offsets = cut(self.labels, self.offsets, rows)
        return LabelColumns(
            inventory=self.inventory,
            locales=locales,
            locale=rows_of_lengths([*map(len, ranges)], np.int16),
            ids=self.ids[rows],
            intents=self.intents[rows],
            labels=labels,
            offsets=offsets,
        )

    def row_labels(self, row: int) -> list[str]:
        """The token labels of one utterance, as strings."""
        names = self.inventory.labels
        return [names[i] for i in self.labels[self.offsets[row] : self.offsets[row + 1]]]
