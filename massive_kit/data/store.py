"""The store: one Parquet file per locale and partition, and an index, `store.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import (
    LabelColumns,
    LabelIntegers,
    label_integers,
    positions_of,
)
from massive_kit.data.lineage import Lineage
from massive_kit.data.ragged import rows_of_lengths
from massive_kit.data.subset import Subset
from massive_kit.data.tokens import alexa_labels
from massive_kit.errors import DataError, MissingDataError, Problem, UsageError
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file
from massive_kit.notebook import ShownAsTable

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
INDEX = "store.json"
Compat = Literal["alexa"]

_SCORES = [
    ("worker_id", pa.string()),
    ("intent_score", pa.int8()),
    ("slots_score", pa.int8()),
    ("grammar_score", pa.int8()),
    ("spelling_score", pa.int8()),
    ("language_identification", pa.string()),
]
# As in MASSIVE, plus tokens, their labels (a slot's name or `Other`), and in the few rows that have
# some the tokens that begin a span directly after one of the same slot. A column that the source
# lacks is null.
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("locale", pa.string()),
        ("partition", pa.string()),
        ("scenario", pa.string()),
        ("intent", pa.string()),
        ("utt", pa.string()),
        ("annot_utt", pa.string()),
        ("worker_id", pa.string()),
        ("slot_method", pa.list_(pa.struct([("slot", pa.string()), ("method", pa.string())]))),
        ("judgments", pa.list_(pa.struct(_SCORES))),
        ("tokens", pa.list_(pa.string())),
        ("labels", pa.list_(pa.string())),
        ("boundaries", pa.list_(pa.int32())),
    ]
)


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a store.

    Attributes:
        rows: Utterances in it.
        sha256: Of the file.
        content: SHA-256 over id, intent and annotated utterance of every row: equal for equal data
            however it was imported.
    """

    rows: int
    sha256: str
    content: str


@dataclass(frozen=True)
class Store(ShownAsTable):
    """A data set on disk.

    Attributes:
        path: Its folder.
        name: What it is called, such as `1.1`.
        version: The data's own version, such as `1.1`, or "".
        inventory: Its labels.
        parts: What it holds, by locale and partition.
        character_locales: Locales whose scoring unit is the character.
        lineage: How it was made of other stores; `None` where it was imported.
        subset: The rows that are seen of one of its partitions; `None` where all are.
    """

    path: Path
    name: str
    version: str
    inventory: Inventory
    parts: dict[str, dict[str, Part]]
    character_locales: frozenset[str] = field(default=frozenset())
    lineage: Lineage | None = None
    subset: Subset | None = None

    @classmethod
    def open(cls, path: Path) -> Store:
        """The store in a folder.

        Raises:
            MissingDataError: There is none.
            DataError: Its index cannot be read.
        """
        index = path / INDEX
        if not index.is_file():
            raise MissingDataError(f"{path} holds no store; `massive-kit data import` makes one")
        try:
            value = jsonio.read_json(index)
            if value["format"] != FORMAT:
                problem = Problem(
                    str(index), f"format {value['format']}", str(FORMAT), "import the data again"
                )
                raise DataError("the store is of another format", [problem])
            parts = {
                locale: {name: Part(**part) for name, part in partitions.items()}
                for locale, partitions in value["parts"].items()
            }
            inventory = Inventory.from_json(value["inventory"])
            characters = frozenset(value["character_locales"])
            return cls(
                path,
                value["name"],
                value["version"],
                inventory,
                parts,
                characters,
                _lineage(value),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = Problem(
                str(index), f"not a store's index: {error}", todo="import the data again"
            )
            raise DataError("the store cannot be read", [problem]) from None

    def write_index(self) -> None:
        """Writes `store.json`, which makes the folder a store."""
        parts = {
            locale: {
                name: {"rows": part.rows, "sha256": part.sha256, "content": part.content}
                for name, part in partitions.items()
            }
            for locale, partitions in self.parts.items()
        }
        value = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "inventory": self.inventory.to_json(),
            "character_locales": sorted(self.character_locales),
            # Earlier versions of the package know a sample by this key.
            **({} if self.shots is None else {"shots": self.shots}),
            **({} if self.lineage is None else {"lineage": self.lineage.to_json()}),
            "parts": parts,
        }
        # The order of labels and locales is meaning, so keys are not sorted.
        with atomic_file(self.path / INDEX) as stream:
            stream.write(jsonio.dumps_ordered(value).encode())

    def to_frame(self) -> pd.DataFrame:
        """Utterances as a pandas data frame, one row per locale, one column per partition."""
        import pandas as pd

        rows = [
            {"locale": locale, **{name: part.rows for name, part in self.parts[locale].items()}}
            for locale in self.locales
        ]
        frame = pd.DataFrame(rows).fillna(0)
        return frame.astype({name: int for name in frame.columns if name != "locale"})

    @property
    def locales(self) -> tuple[str, ...]:
        """All locales, sorted."""
        return tuple(sorted(self.parts))

    @property
    def shots(self) -> int | None:
        """Most training rows per intent, where the store is a few-shot sample."""
        return None if self.lineage is None else self.lineage.shots

    @property
    def labels_from(self) -> Mapping[str, str]:
        """Of locales whose rows were made of another's, such as by a dictionary, that other one."""
        return {} if self.lineage is None else self.lineage.labels_from

    def has_made_labels(self, locale: str, partition: str) -> bool:
        """Whether some labels of a part were made, by a dictionary or a run, and not annotated."""
        if self.lineage is None:
            return False
        mixed = self.lineage.labels_made.get(locale, ())
        return locale in self.lineage.labels_from or partition in mixed

    @property
    def hash(self) -> str:
        """One hash (16 hexadecimal digits) of all its content, for the lineage of others."""
        digest = hashlib.sha256()
        for locale in self.locales:
            for partition, part in sorted(self.parts[locale].items()):
                digest.update(f"{locale} {partition} {part.content}\n".encode())
        return digest.hexdigest()[:16]

    @property
    def partitions(self) -> tuple[str, ...]:
        """All partitions that some locale has, sorted."""
        return tuple(sorted({name for parts in self.parts.values() for name in parts}))

    @property
    def total_rows(self) -> int:
        """How many utterances there are in all."""
        return sum(part.rows for parts in self.parts.values() for part in parts.values())

    def rows(self, partition: str, locales: Iterable[str]) -> int:
        """How many utterances a partition has over some locales."""
        return sum(self.parts[locale][partition].rows for locale in locales)

    def content_hash(self, partition: str, locales: Iterable[str]) -> str:
        """One hash (16 hexadecimal digits) of a partition over some locales, for signatures."""
        digest = hashlib.sha256()
        for locale in sorted(locales):
            digest.update(f"{locale} {self._part(locale, partition).content}\n".encode())
        return digest.hexdigest()[:16]

    def file(self, locale: str, partition: str) -> Path:
        """The Parquet file of a locale and partition."""
        return self.path / locale / f"{partition}.parquet"

    def read(
        self, partition: str, locales: Sequence[str], columns: Sequence[str] | None = None
    ) -> pa.Table:
        """Rows of a partition as an Arrow table, locale after locale, in file order.

        Raises:
            MissingDataError: The store lacks a locale or the partition.
            DataError: A file is damaged.
        """
        subset = self.subset if self.subset and self.subset.partition == partition else None
        if subset is not None and columns is not None and "id" not in columns:
            return self.read(partition, locales, [*columns, "id"]).drop_columns("id")
        tables = []
        for locale in locales:
            self._part(locale, partition)
            path = self.file(locale, partition)
            # Without the machinery for data sets of many files, which costs more than the read.
            try:
                with pq.ParquetFile(path) as file:
                    table = _read(file, SCHEMA.names if columns is None else columns)
                tables.append(table if subset is None else subset.of(table))
            except FileNotFoundError:
                raise MissingDataError(f"{path} is missing; import the data again") from None
            except pa.ArrowInvalid as error:
                problem = Problem(str(path), str(error)[:200], todo="import the data again")
                raise DataError(f"{path} cannot be read", [problem]) from None
        if tables:
            return pa.concat_tables(tables)
        schema = SCHEMA if columns is None else pa.schema([SCHEMA.field(name) for name in columns])
        return schema.empty_table()

    def label_columns(
        self, partition: str, locales: Sequence[str], compat: Compat | None = None
    ) -> LabelColumns:
        """Gold labels as arrays; `compat="alexa"` gives the original's labels, defect included.

        Raises:
            MissingDataError: The store lacks a locale or the partition.
            DataError: The partition carries no labels.
            UsageError: The original's labels cannot say what spans the store has.
        """
        brackets = self.inventory.scheme == "brackets"
        if compat and brackets:
            raise UsageError(
                "--compat alexa reproduces a scorer that takes touching slots for one; the store"
                f" {self.name} counts them one by one (import it with --scheme runs)"
            )
        names = ["id", "intent", "labels"]
        names += ["annot_utt"] * bool(compat) + ["boundaries"] * brackets
        table = self.read(partition, locales, names).combine_chunks()
        counts = [self.parts[locale][partition].rows for locale in locales]
        if table.column("labels").null_count:
            problem = Problem(
                str(self.path),
                f"{partition} has {table.column('labels').null_count:,} rows without labels",
                "labels on every row",
                "name a store with labels by --data or --labels",
            )
            raise DataError("these rows cannot be scored", [problem])
        if len(table):
            boundaries = table.column("boundaries").chunk(0) if brackets else None
            labels = label_integers(table.column("labels").chunk(0), boundaries, self.inventory)
        else:
            labels = LabelIntegers(np.zeros(0, np.int16), np.zeros(1, np.int64))
        if compat:
            self._reproduce(table, locales, counts, labels)
        return LabelColumns(
            inventory=self.inventory,
            locales=tuple(locales),
            locale=rows_of_lengths(counts, np.int16),
            ids=table.column("id").to_numpy(),
            intents=positions_of(table.column("intent"), self.inventory.intent_index),
            labels=labels.flat,
            offsets=labels.offsets,
        )

    def _reproduce(
        self,
        table: pa.Table,
        locales: Sequence[str],
        counts: Sequence[int],
        labels: LabelIntegers,
    ) -> None:
        index = self.inventory.label_index
        start = 0
        for locale, count in zip(locales, counts, strict=True):
            if locale in self.character_locales:
                annotated = table.column("annot_utt").slice(start, count).to_pylist()
                for row, text in enumerate(annotated, start):
                    start_of_row, end_of_row = labels.offsets[row : row + 2]
                    labels.flat[start_of_row:end_of_row] = [index[x] for x in alexa_labels(text)]
            start += count

    def _part(self, locale: str, partition: str) -> Part:
        try:
            return self.parts[locale][partition]
        except KeyError:
            what = (
                f"locale {locale}"
                if locale not in self.parts
                else f"partition {partition} of {locale}"
            )
            raise MissingDataError(f"the store {self.name} ({self.path}) has no {what}") from None


def _lineage(index: dict[str, Any]) -> Lineage | None:
    if "lineage" in index:
        return Lineage.from_json(index["lineage"])
    # Samples were known by this key alone before stores kept their lineage.
    shots = index.get("shots")
    return None if shots is None else Lineage.of_sample(int(shots))


def _read(file: pq.ParquetFile, columns: Sequence[str]) -> pa.Table:
    # Earlier versions wrote no boundaries; none of their stores has any.
    there = [name for name in columns if name in file.schema_arrow.names]
    table = file.read(columns=there)
    for name in columns:
        if name not in there and name in SCHEMA.names:
            table = table.append_column(SCHEMA.field(name), pa.nulls(len(table), _type(name)))
    return table


def _type(name: str) -> pa.DataType:
    return SCHEMA.field(name).type
