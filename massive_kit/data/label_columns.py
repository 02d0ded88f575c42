"""Labelled utterances as flat arrays: what the scorer counts on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import cut, offsets_of, rows_of_lengths
from massive_kit.errors import DataError, Problem


@dataclass(frozen=True, slots=True)
class LabelColumns:
    """The labels of n utterances; rows of a locale stand together, in the order of `locales`.

    Attributes:
        inventory: What the integers mean.
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        ids: Shape (n,), the utterance ids as strings.
        intents: Shape (n,), position in `inventory.intents`; -1 where there is no label.
        labels: Flat, the label integer of every token, as `inventory.labels` counts; 0 is `Other`.
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
        numbers = self.labels[self.offsets[row] : self.offsets[row + 1]]
        return [names[i] for i in numbers.tolist()]


@dataclass(frozen=True, slots=True)
class LabelIntegers:
    """Token labels of n utterances.

    Attributes:
        flat: The label integer of every token, as `Inventory.labels` counts.
        offsets: Shape (n + 1,), where each utterance begins.
    """

    flat: NDArray[np.int16]
    offsets: NDArray[np.int64]


def label_integers(lists: Any, boundaries: Any, inventory: Inventory) -> LabelIntegers:
    """Token labels of columns of the store.

    Args:
        lists: Arrow list array of slots' names or `Other`; an unlabelled utterance has no token.
        boundaries: Arrow list array of the tokens that begin a span directly after one of the same
            slot; under `runs` it is not looked at.
        inventory: What the integers mean.
    """
    flat = positions_of(lists.flatten(), inventory.slot_index).astype(np.int16)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = offsets_of(lengths)
    if inventory.scheme == "brackets":
        begins = np.ones(len(flat), bool)
        begins[1:] = flat[1:] != flat[:-1]
        begins[offsets[:-1][lengths > 0]] = True
        counts = pc.fill_null(pc.list_value_length(boundaries), 0).to_numpy(zero_copy_only=False)
        begins[boundaries.flatten().to_numpy() + np.repeat(offsets[:-1], counts)] = True
        inside = ~begins & (flat > 0)
        flat[inside] += len(inventory.slots)
    return LabelIntegers(flat, offsets)


def positions_of(values: Any, index: dict[str, int]) -> NDArray[np.int32]:
    """The integer of each name of an Arrow array; -1 where it is null.

    Raises:
        DataError: A name is not known, so that no number that is counted on it would be right.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    encoded = values.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names = encoded.dictionary.to_pylist()
    unknown = [name for name in names if name is not None and name not in index]
    if unknown:
        words = ", ".join(f"{name!r:.60}" for name in unknown[:10])
        problem = Problem(
            "the data", f"{len(unknown):,} such as {words}", "labels that are declared"
        )
        raise DataError("the data have labels that their inventory lacks", [problem])
    codes = np.array([index.get(name, -1) for name in names] + [-1], np.int32)
    positions = encoded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(codes[positions], np.int32)
