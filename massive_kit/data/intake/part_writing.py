"""Writing the store's files: fragments as they are read, then one file per locale and partition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from massive_kit.data.declared_inventory import DeclaredInventory
from massive_kit.data.intake.conversion import PartRows, content_bytes
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake
from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import SCHEMA, Part
from massive_kit.provenance import file_sha256

# Text hardly repeats, so looking for repetition in it only costs time.
_REPEATING = [
    "locale",
    "partition",
    "scenario",
    "intent",
    "worker_id",
    "slot_method.list.element.slot",
    "slot_method.list.element.method",
    *(
        f"judgments.list.element.{name}"
        for name in (
            "worker_id",
            "intent_score",
            "slots_score",
            "grammar_score",
            "spelling_score",
            "language_identification",
        )
    ),
    "tokens.list.element",
    "labels.list.element",
]


def part_writer(path: Path) -> pq.ParquetWriter:
    """An open Parquet file of the store's schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=_REPEATING,
        write_statistics=False,
    )


@dataclass
class LabelsSeen:
    """The labels that occur, collected while rows go by."""

    intents: set[tuple[str, str | None]] = field(default_factory=set)
    slots: set[str] = field(default_factory=set)

    def see(self, table: pa.Table) -> None:
        """Adds the labels of some rows."""
        pairs = table.select(["intent", "scenario"]).group_by(["intent", "scenario"]).aggregate([])
        for row in pairs.to_pylist():
            if row["intent"]:
                self.intents.add((row["intent"], row["scenario"]))
        for chunk in table.column("labels").chunks:
            self.slots.update(chunk.flatten().unique().to_pylist())

    def add(self, other: LabelsSeen) -> None:
        """Adds what another collection has seen."""
        self.intents |= other.intents
        self.slots |= other.slots

    def inventory(
        self, scheme: SpanScheme | None = None, declared: DeclaredInventory | None = None
    ) -> Inventory:
        """What is declared, else MASSIVE's inventory where it holds all labels seen, else these.

        Args:
            scheme: The span scheme; by default what is declared, else MASSIVE's own, `runs`, with
                its labels, and `brackets` with others.
            declared: The labels that may occur.
        """
        labels = {intent for intent, _ in self.intents}, self.slots - {OTHER}
        if declared is not None:
            labels = {*declared.inventory.intents}, {*declared.inventory.slots}
        massive = Inventory.massive()
        of_massive = labels[0] <= {*massive.intents} and labels[1] <= {*massive.slots}
        # Slots alone are a corpus without intents, of which none may be predicted.
        slots_alone = labels[1] and not labels[0]
        inventory = self._with_scenarios_of_rows(massive)
        if declared is not None or slots_alone or not of_massive:
            of_rows: SpanScheme = "runs" if of_massive else "brackets"
            inventory = Inventory.of(self.intents, labels[1], of_rows)
        if declared is not None:
            inventory = declared.of_corpus(inventory)
        return inventory if scheme is None else replace(inventory, scheme=scheme)

    def _with_scenarios_of_rows(self, inventory: Inventory) -> Inventory:
        """The same labels, each intent in the scenario that the rows have it in, if in one."""
        seen = Inventory.of(self.intents, ())
        with_scenario = {intent for intent, scenario in self.intents if scenario}
        scenarios = {
            intent: scenario
            for intent, scenario in {**inventory.scenarios, **seen.scenarios}.items()
            if intent not in with_scenario or intent in seen.scenarios
        }
        if scenarios == inventory.scenarios:
            return inventory
        return replace(inventory, scenarios=scenarios)


@dataclass
class PartFragment:
    """Rows of one locale and partition from one file, written to a file of their own.

    Attributes:
        source: The raw file.
        path: Where the rows lie for now.
        ids: Their ids, block by block.
        lines: Where each row stood, block by block.
        digest: Content hash so far.
        numbered: Whether the ids are no more than the places of rows in the file.
        prefix: What ids are to begin with.
    """

    source: str
    path: Path
    writer: Any
    ids: list[Any] = field(default_factory=list)
    lines: list[NDArray[np.int64]] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    numbered: bool = False
    prefix: str = ""

    def write(self, rows: PartRows) -> None:
        """Appends rows."""
        self.writer.write_table(rows.table)
        self.ids += rows.table.column("id").chunks
        self.lines.append(rows.lines)
        self.digest.update(content_bytes(rows.table))

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(map(len, self.lines))


@dataclass(frozen=True, slots=True)
class MergedPart:
    """A finished part, and the rows left out of it because their id stood there before."""

    part: Part
    mistakes: list[tuple[str, Mistake]]


def merge_fragments(fragments: Sequence[PartFragment], target: Path) -> MergedPart:
    """Makes one file of the fragments of a part, in their order; an id may occur once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    ids = pa.chunked_array([chunk for fragment in fragments for chunk in fragment.ids], pa.string())
    unique = pc.count_distinct(ids).as_py() == len(ids)
    if unique and len(fragments) == 1 and not fragments[0].prefix:
        fragment = fragments[0]
        fragment.path.replace(target)
        return MergedPart(Part(fragment.rows, file_sha256(target), fragment.digest.hexdigest()), [])
    first: dict[str, str] = {}
    mistakes: list[tuple[str, Mistake]] = []
    digest = hashlib.sha256()
    count = 0
    with part_writer(target) as writer:
        for fragment in fragments:
            lines = np.concatenate(fragment.lines)
            start = 0
            file = pq.ParquetFile(fragment.path)
            for group in range(file.num_row_groups):
                table = _with_prefix(file.read_row_group(group), fragment.prefix)
                group_lines = lines[start : start + len(table)]
                start += len(table)
                keep = list(_first_of_each_id(table, group_lines, fragment.source, first, mistakes))
                if len(keep) < len(table):
                    table = table.take(pa.array(keep, pa.int64()))
                writer.write_table(table)
                digest.update(content_bytes(table))
                count += len(table)
            fragment.path.unlink()
    return MergedPart(Part(count, file_sha256(target), digest.hexdigest()), mistakes)


def _with_prefix(table: pa.Table, prefix: str) -> pa.Table:
    if not prefix:
        return table
    place = table.column_names.index("id")
    ids = pc.binary_join_element_wise(prefix, table.column("id"), "")
    return table.set_column(place, table.schema.field("id"), ids)


def _first_of_each_id(
    table: pa.Table,
    lines: NDArray[np.int64],
    source: str,
    first: dict[str, str],
    mistakes: list[tuple[str, Mistake]],
) -> Iterable[int]:
    for row, (name, line) in enumerate(
        zip(table.column("id").to_pylist(), lines.tolist(), strict=True)
    ):
        if name not in first:
            first[name] = f"{source}:{line}"
            yield row
            continue
        [values] = table.slice(row, 1).select(RAW_SCHEMA.names).to_pylist()
        text = orjson.dumps({key: value for key, value in values.items() if value is not None})
        reason = f"the id {name!r} is here a second time; first at {first[name]}"
        mistakes.append((source, Mistake(line, reason, text.decode())))
