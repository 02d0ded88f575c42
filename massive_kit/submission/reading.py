"""Prediction files as label arrays, row by row in the task's order, with every mistake told.

A right line is taken by a short path that touches each value once; any other goes through the
rules, which say what is wrong with it. So a valid file costs little more than its JSON, and a wrong
one gets every rule's word.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.ragged import offsets_of, ranges
from massive_kit.errors import PredictionError
from massive_kit.submission import row_rules, rules, set_rules
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.line_source import SKIPPED, Block, Limits, LineSource
from massive_kit.submission.report import SHOWN, Collector, Finding, Report
from massive_kit.submission.row_rules import Breach, Row

# What follows a key; hardly any text holds it, so counting it finds the lines to look at.
_KEY_END = b'":'
_FILE_BITS = 40


@dataclass(frozen=True)
class Predictions:
    """What a prediction file says of a task.

    Attributes:
        columns: Predicted labels, aligned row by row to the index; where a row is missing or wrong
            the intent is -1 and the labels are `Other`.
        present: Shape (n,), whether the row was given at all.
        report: What is wrong with the file.
    """

    columns: LabelColumns
    present: NDArray[np.bool_]
    report: Report


def read_predictions(
    paths: Sequence[Path],
    index: TaskIndex,
    *,
    allow_errors: bool = False,
    shown: int = SHOWN,
    limits: Limits | None = None,
) -> Predictions:
    """Reads and checks predictions: `.jsonl`, `.jsonl.gz`, `.zip`, one file a locale, or a folder.

    Args:
        paths: The files.
        index: What the task expects.
        allow_errors: Return what could be read of an invalid file, instead of raising.
        shown: How many problems of each kind are told; all are counted.
        limits: What a file may hold at most; by default many times what the task needs.

    Raises:
        MissingDataError: A path leads to nothing.
        PredictionError: The predictions are invalid; holds every mistake.
    """
    collector = Collector(shown)
    source = LineSource(limits or Limits.for_rows(len(index)), collector)
    reader = _Reader(index, collector)
    for block in source.blocks(paths):
        reader.take(block)
    where = str(paths[0]) if len(paths) == 1 else f"{len(paths)} files"
    predictions = reader.finish(where, source)
    report = predictions.report
    if report.errors and not allow_errors:
        problems = [p for p in report.problems if p.severity == "error"]
        raise PredictionError(
            f"{where} is no valid prediction of {index.task}", problems, report.errors
        )
    return predictions


class _Reader:
    """Collects the labels of rows that may come in any order."""

    def __init__(self, index: TaskIndex, collector: Collector) -> None:
        self.index = index
        self.collector = collector
        n = len(index)
        self.offsets = offsets_of(index.token_counts)
        self.starts = self.offsets[:-1].tolist()
        self.counts = index.token_counts.tolist()
        self.intents = array("i", [-1]) * n
        # Where each row was first seen: file number and line number in one integer; 0 is nowhere.
        self.seen = array("q", [0]) * n
        self.files: list[str] = []
        # Files that are one JSON value; a word on each of their lines would say nothing.
        self.no_lines: set[str] = set()
        self.rows_read = 0
        # Spans as parallel columns: first token, tokens, label.
        self.span_start, self.span_length = array("i"), array("i")
        self.span_label = array("h")
        self.rows = index.rows
        self.intent_index = index.inventory.intent_index
        self.slot_index = {s: i for i, s in enumerate(index.inventory.slots, 1)}
        self.texts = index.texts
        # Stands for the annotated utterance, to find copies of the training data.
        self.hashes = array("q", [0]) * (n if index.texts else 0)

    def take(self, block: Block) -> None:
        """Reads the lines of a block."""
        if block.name in self.no_lines:
            return
        if not self.files or self.files[-1] != block.name:
            self.files.append(block.name)
        place = (len(self.files) - 1) << _FILE_BITS
        loads, take_row = orjson.loads, self._take_row
        # A key that stands twice is lost in a dictionary, but not in the bytes.
        keys = 0
        for number, line in enumerate(block.lines, block.first):
            row = None
            try:
                row = loads(line)
                keys += len(row)
                if take_row(row, place + number):
                    continue
            except (ValueError, TypeError):
                pass
            self._look_closer(line, row, number, place)
            if self.no_lines and self.files[-1] in self.no_lines:
                return
        if keys != block.raw.count(_KEY_END):
            self._look_for_duplicate_keys(block)

    def _take_row(self, row: Any, place: int) -> bool:  # noqa: C901 - calls would double its time
        """Takes a row that breaks no rule; changes nothing and says no to any other."""
        try:
            at = self.rows[row["locale"]][row["id"]]
            intent = self.intent_index[row["pred_intent"]]
            text = row["pred_annot_utt"]
            before, *slots = text.split("[")
            position = len(before.split())
            found, said = [], []
            for slot_text in slots:
                slot, _, rest = slot_text.partition(" : ")
                value, end, after = rest.partition("]")
                tokens = len(value.split())
                if not (tokens and end):
                    return False
                found.append((position, tokens, self.slot_index[slot]))
                said.append([value, slot])
                position += tokens + len(after.split())
            given, utt = row.get("pred_slots"), row.get("utt")
            if (
                position != self.counts[at]
                or self.seen[at]
                or text.count("]") != len(slots)
                or len(row) != 4 + (given is not None) + (utt is not None)
                or (given is not None and given != said)
            ):
                return False
            if utt is not None:
                # Joining refuses what is no string.
                spoken = " ".join(utt)
                if len(utt) != position or type(utt) is not list:
                    return False
                if self.texts and spoken != self.texts[at]:
                    return False
        except (KeyError, TypeError, AttributeError):
            return False
        self.intents[at] = intent
        self.seen[at] = place
        self.rows_read += 1
        if self.texts:
            self.hashes[at] = hash(text)
        if found:
            start = self.starts[at]
            for first, tokens, label in found:
                self.span_start.append(start + first)
                self.span_length.append(tokens)
                self.span_label.append(label)
        return True

    def _look_closer(self, line: bytes, value: Any, number: int, place: int) -> None:
        if line is SKIPPED:
            return
        if not line.strip():
            if place + number != 1 or line:
                self._add((rules.BLANK_LINE, Finding("a blank line")), number)
            return
        self.rows_read += 1
        row = Row(line, value if isinstance(value, dict) else {})
        sound = True
        for breach in self._breaches(row, place):
            self._add(breach, number)
            if number == 1 and breach[0] is rules.NOT_LINES:
                self.no_lines.add(self.files[-1])
            sound = sound and breach[0].severity == "warning"
        if row.at is None:
            return
        if not self.seen[row.at]:
            self.seen[row.at] = place + number
        if sound:
            self._keep(row)

    def _breaches(self, row: Row, place: int) -> Iterator[Breach]:
        found = list(row_rules.parse_line(row))
        yield from found
        if found:
            return
        found = list(row_rules.fields(row))
        yield from found
        yield from row_rules.extra_fields(row)
        value, index = row.value, self.index
        if isinstance(value.get("pred_intent"), str):
            yield from row_rules.intent(row, index)
        if isinstance(value.get("locale"), str) and isinstance(value.get("id"), str):
            yield from row_rules.place(row, index)
            if row.at is not None and self.seen[row.at]:
                yield rules.DUPLICATE_ROW, self._duplicate(row, place)
        if isinstance(value.get("pred_annot_utt"), str):
            yield from row_rules.notation(row, index)
        yield from self._text(row)

    def _duplicate(self, row: Row, place: int) -> Finding:
        assert row.at is not None
        first = self.seen[row.at]
        line = first & ((1 << _FILE_BITS) - 1)
        file = first >> _FILE_BITS
        where = "" if file == place >> _FILE_BITS else f" of {self.files[file]}"
        return Finding(
            f"id {row.value['id']!r} of {row.locale} again; it stands in line {line:,}{where}",
            "one row for each id and locale",
        )

    def _text(self, row: Row) -> Iterator[Breach]:
        utt = row.value.get("utt")
        if self.texts and row.at is not None and utt is not None:
            right = self.texts[row.at]
            if " ".join(utt) != right and len(utt) == self.counts[row.at]:
                yield rules.OTHER_TEXT, Finding("utt differs from the utterance", excerpt=right)

    def _keep(self, row: Row) -> None:
        assert row.at is not None
        assert row.labels is not None
        self.intents[row.at] = self.intent_index[row.value["pred_intent"]]
        if self.texts:
            self.hashes[row.at] = hash(row.value["pred_annot_utt"])
        start = self.starts[row.at]
        for i, label in enumerate(row.labels):
            if label in self.slot_index:
                self.span_start.append(start + i)
                self.span_length.append(1)
                self.span_label.append(self.slot_index[label])

    def _add(self, breach: Breach, number: int) -> None:
        rule, finding = breach
        self.collector.add(rule, self.files[-1], number, finding)

    def _look_for_duplicate_keys(self, block: Block) -> None:
        for number, line in enumerate(block.lines, block.first):
            try:
                keys = len(orjson.loads(line))
            except (ValueError, TypeError):
                continue
            # An object of so many keys is refused for that alone.
            if keys <= row_rules.MANY and keys != line.count(_KEY_END):
                for breach in row_rules.duplicate_keys(line):
                    self._add(breach, number)

    def finish(self, where: str, source: LineSource) -> Predictions:
        """The arrays and the report, once all lines are read."""
        index = self.index
        present = np.frombuffer(self.seen, np.int64) != 0
        intents = np.frombuffer(self.intents, np.int32)
        labels = self._labels()
        if self.rows_read:
            # Where reading stopped early, what is missing is not known.
            if source.complete and not self.no_lines:
                set_rules.missing(index, present, self.collector, where)
            set_rules.sameness(index, intents, labels, self.collector, where)
            set_rules.training_gold(index, self.hashes, self.collector, where)
        elif not self.collector.total("error"):
            self.collector.add(rules.EMPTY, where, None, Finding("no line to read"))
        columns = LabelColumns(
            inventory=index.inventory,
            locales=index.locales,
            locale=index.locale,
            ids=index.ids,
            intents=intents,
            labels=labels,
            offsets=self.offsets,
        )
        report = self.collector.report(
            rows=self.rows_read, expected_rows=len(index), files=tuple(source.files)
        )
        return Predictions(columns, present, report)

    def _labels(self) -> NDArray[np.int16]:
        labels = np.zeros(int(self.offsets[-1]), np.int16)
        starts = np.frombuffer(self.span_start, np.int32) if self.span_start else np.zeros(0, int)
        lengths = np.frombuffer(self.span_length, np.int32) if self.span_start else starts
        values = np.frombuffer(self.span_label, np.int16) if self.span_start else starts
        labels[ranges(starts, lengths)] = np.repeat(values, lengths)
        return labels
