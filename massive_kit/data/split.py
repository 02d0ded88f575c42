"""A split: a partition of a store over some locales, which owns its reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import SCHEMA, Compat, Store
from massive_kit.errors import LabelsUnreachableError, MissingExtraError
from massive_kit.notebook import ShownAsTable

if TYPE_CHECKING:
    import pandas as pd

# What can be read of a split asked for text alone. Everything else says or hints at labels:
# `slot_method` names slots, judgments are about annotations.
TEXT_COLUMNS = ("id", "locale", "partition", "utt", "tokens", "worker_id")


@dataclass(frozen=True, slots=True)
class DataSplit(ShownAsTable):
    """A partition of a store over some locales, in the store's order.

    Attributes:
        store: The data.
        partition: The partition's name.
        locales: The locales it is taken from; none where the store lacks the partition.
        text_only: Labels cannot be read.
    """

    store: Store
    partition: str
    locales: tuple[str, ...]
    text_only: bool = False

    @property
    def rows(self) -> int:
        """Utterances over all locales."""
        return self.store.rows(self.partition, self.locales)

    @property
    def label_locales(self) -> tuple[str, ...]:
        """The locales whose labels its rows have, which those of others may be made of."""
        source = self.store.labels_from
        return tuple(dict.fromkeys(source.get(locale, locale) for locale in self.locales))

    @property
    def hash(self) -> str:
        """One hash (16 hexadecimal digits) of its content, for signatures."""
        return self.store.content_hash(self.partition, self.locales)

    def unlabelled(self) -> DataSplit:
        """The same split as text alone."""
        return replace(self, text_only=True)

    def only(self, *locales: str) -> DataSplit:
        """The same split in some of its locales, or in others that the store has."""
        return replace(self, locales=locales)

    def by_locale(self) -> Iterator[DataSplit]:
        """One split per locale, in order."""
        return (self.only(locale) for locale in self.locales)

    def read(self, columns: Sequence[str] | None = None, most: int | None = None) -> pa.Table:
        """Rows as an Arrow table, locale after locale, in file order.

        Args:
            columns: Which; by default all, or of text alone `TEXT_COLUMNS`.
            most: So many rows of each locale, those of `capped_rows`; by default all.

        Raises:
            MissingDataError: The store lacks a locale or the partition.
            DataError: A file is damaged.
            LabelsUnreachableError: A column of labels is asked of text alone.
        """
        if self.text_only:
            columns = TEXT_COLUMNS if columns is None else columns
            labels = [name for name in columns if name not in TEXT_COLUMNS]
            if labels:
                raise LabelsUnreachableError(self._refusal(", ".join(labels)))
        if most is None or not self.locales:
            return self.store.read(self.partition, self.locales, columns)
        parts = [(part.read(columns), part.capped_rows(most)) for part in self.by_locale()]
        return pa.concat_tables(
            [table if rows is None else table.take(pa.array(rows)) for table, rows in parts]
        )

    def labels(self, compat: Compat | None = None) -> LabelColumns:
        """Gold labels as arrays; `compat="alexa"` gives the original's labels, defect included.

        Raises:
            MissingDataError: The store lacks a locale or the partition.
            DataError: The partition carries no labels.
            LabelsUnreachableError: The split is text alone.
        """
        if self.text_only:
            raise LabelsUnreachableError(self._refusal("labels"))
        return self.store.label_columns(self.partition, self.locales, compat)

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas data frame; of text alone without labels."""
        frame: pd.DataFrame = self.read().to_pandas()
        return frame

    def to_dataset(self) -> Any:
        """The rows as a `datasets.Dataset`; of text alone without labels.

        Raises:
            MissingExtraError: `datasets` is not installed.
        """
        try:
            from datasets import Dataset
        except ImportError:
            raise MissingExtraError("train", "a datasets.Dataset") from None
        return Dataset(self.read())

    def capped_rows(self, most: int | None) -> NDArray[np.int64] | None:
        """Positions of at most `most` rows of one locale, in file order; `None` if that is all.

        A draw, not the head: MASSIVE's files go through one scenario after the other, so that
        their first rows hold few intents. The same ids are drawn in every locale, and a larger
        number holds the rows of a smaller one.
        """
        (locale,) = self.locales
        if most is None or most >= self.store.parts[locale][self.partition].rows:
            return None
        ids = self.read(["id"]).column("id").to_pylist()
        order = sorted(range(len(ids)), key=lambda row: draw_rank(0, self.partition, ids[row]))
        return np.array(sorted(order[:most]), np.int64)

    def _refusal(self, what: str) -> str:
        return (
            f"{self.partition} of {self.store.name} was asked for as text alone; it has no {what}"
        )


def draw_rank(seed: int, partition: str, name: str) -> bytes:
    """The place of an id in a draw, from the seed and the id alone; the lowest are drawn."""
    return hashlib.sha256(f"{seed}\t{partition}\t{name}".encode()).digest()


assert {*TEXT_COLUMNS} <= {*SCHEMA.names}
