"""Prediction files as label arrays, row by row in the task's order, and every mistake in them.

A right line is taken by a short path that touches each value once; any other goes through the
rules, which say what is wrong with it. So a valid file costs little more than its JSON, and a wrong
one is checked by every rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.errors import PredictionError
from massive_kit.submission import json_rules, row_rules, rules, set_rules
from massive_kit.submission.annotation_rules import annotation
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.line_blocks import SKIPPED, Block, Limits
from massive_kit.submission.line_source import LineSource
from massive_kit.submission.report import SHOWN, Collector, Report, Violation
from massive_kit.submission.row_taking import RowTaking
from massive_kit.submission.untested_locales import SetAside

# What follows a key; hardly any text holds it, so counting it finds the lines to look at.
_KEY_END = b'":'
_FILE_BITS = 40


@dataclass(frozen=True)
class Predictions:
    """The predictions of one system for a task.

    Attributes:
        columns: Predicted labels, aligned row by row to the index; where a row is missing or wrong
            the intent is -1 and the labels are `Other`.
        present: Shape (n,), whether the row was given at all.
        report: What is wrong with the file.
        set_aside: What the file holds for training locales that are not scored, by locale.
    """

    columns: LabelColumns
    present: NDArray[np.bool_]
    report: Report
    set_aside: Mapping[str, SetAside] = field(default_factory=dict)


def read_predictions(
    paths: Sequence[Path],
    index: TaskIndex,
    *,
    allow_errors: bool = False,
    strict: bool = False,
    shown: int = SHOWN,
    limits: Limits | None = None,
) -> Predictions:
    """Reads and checks predictions: `.jsonl`, also in gzip, zip or tar, one file or one per locale.

    Args:
        paths: The files, or a folder of them.
        index: What the task expects.
        allow_errors: Return what could be read of an invalid file, instead of raising.
        strict: Refuse rows of training locales that are not scored, as a submission must not hold
            them, instead of setting them aside.
        shown: How many problems of each kind are listed; all are counted.
        limits: What a file may hold at most; by default many times what the task needs.

    Raises:
        MissingDataError: A path leads to nothing.
        PredictionError: The predictions are invalid; holds every mistake.
    """
    if strict:
        index = replace(index, untested=None)
    collector = Collector(shown)
    source = LineSource(limits or Limits.for_rows(index.most_rows), collector)
    reader = _Reader(index, collector)
    for block in source.blocks(paths):
        reader.take(block)
    where = str(paths[0]) if len(paths) == 1 else f"{len(paths)} files"
    predictions = reader.finish(where, source)
    report = predictions.report
    if report.errors and not allow_errors:
        problems = [p for p in report.problems if p.severity == "error"]
        raise PredictionError(
            f"{where} is not a valid prediction of {index.task}", problems, report.errors
        )
    return predictions


class _Reader(RowTaking):
    """Reads lines: right ones are taken, others go through the rules."""

    def __init__(self, index: TaskIndex, collector: Collector) -> None:
        super().__init__(index)
        self.scored = index
        self.collector = collector
        self.files: list[str] = []
        # Files that are one JSON value; a problem per line would say nothing.
        self.no_lines: set[str] = set()

    def take(self, block: Block) -> None:
        """Reads the lines of a block."""
        if block.name in self.no_lines:
            return
        if not self.files or self.files[-1] != block.name:
            self.files.append(block.name)
        place = (len(self.files) - 1) << _FILE_BITS
        loads, take_row = orjson.loads, self.take_row
        # A repeated key is lost in a dictionary, but not in the bytes.
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

    def _look_closer(self, raw: bytes, value: Any, number: int, place: int) -> None:
        if raw is SKIPPED:
            return
        if not raw.strip():
            if place + number != 1 or raw:
                self._add(Violation(rules.BLANK_LINE, "a blank line"), number)
            return
        locale = self._locale(value)
        untested = self.untested.among(locale)
        if locale and self._take_respelled(value, locale, place, number):
            return
        self.rows_read += 1
        line = CheckedLine(raw, value if isinstance(value, dict) else {}, locale)
        sound = True
        for violation in self._violations(line, place):
            self._add(self.untested.soften(violation, untested), number)
            if number == 1 and violation.rule is rules.NOT_LINES:
                self.no_lines.add(self.files[-1])
            sound = sound and violation.rule.severity == "warning"
        if line.row is None or self.seen[line.row]:
            self.untested.count_line(untested)
        else:
            self.seen[line.row] = place + number
        if sound and line.row is not None:
            self.keep(line)

    def _locale(self, value: object) -> str:
        """The locale that a line is for, as the task calls it, or ""."""
        given = value.get("locale") if isinstance(value, dict) else None
        return self.locales.name(given) if isinstance(given, str) else ""

    def _take_respelled(self, row: Any, locale: str, place: int, number: int) -> bool:
        """Takes a right row of a locale that is untested, or spelled so for the first time."""
        untested = self.untested.among(locale)
        if untested and self.index is self.scored:
            # Most files hold none, so that their rows are looked up only for one that does.
            self.expect(self.index.with_untested())
        if locale in self.index.rows:
            first_time = self._note_spelling(row["locale"], locale, place, number)
            return bool(first_time or untested) and self.take_row(row, place + number)
        if untested:
            self.rows_read += 1
            self.untested.count_line(locale)
        return bool(untested)

    def _note_spelling(self, given: str, locale: str, place: int, number: int) -> bool:
        """Takes note of how a row spells its locale; whether `rows` has it under that from now."""

        def first() -> int:
            rows = self.index.rows[locale].values()
            return min(filter(None, (self.seen[row] for row in rows)), default=0)

        def words(line: int) -> str:
            return self._line(line, place)

        violation = self.locales.spelling(given, locale, place + number, first, words)
        if violation is None:
            return False
        self._add(self.untested.soften(violation, self.untested.among(locale)), number)
        return violation.rule is rules.ALIAS

    def _line(self, seen: int, place: int) -> str:
        """A line that was read before, in words."""
        number, file = seen & ((1 << _FILE_BITS) - 1), seen >> _FILE_BITS
        where = "" if file == place >> _FILE_BITS else f" of {self.files[file]}"
        return f"line {number:,}{where}"

    def _violations(self, line: CheckedLine, place: int) -> Iterator[Violation]:
        not_json = list(json_rules.parse_line(line))
        yield from not_json
        if not_json:
            return
        yield from row_rules.fields(line, self.index)
        yield from row_rules.extra_fields(line, self.index)
        value, index = line.value, self.index
        if isinstance(value.get("pred_intent"), str):
            yield from row_rules.intent(line, index)
        if isinstance(value.get("locale"), str) and isinstance(value.get("id"), str):
            yield from row_rules.locate_row(line, index, self.locales)
            if line.row is not None and self.seen[line.row]:
                yield self._duplicate(line, place)
        if isinstance(value.get("pred_annot_utt"), str):
            yield from annotation(line, index)
        yield from self._text(line)

    def _duplicate(self, line: CheckedLine, place: int) -> Violation:
        assert line.row is not None
        first = self._line(self.seen[line.row], place)
        return Violation(
            rules.DUPLICATE_ROW,
            f"id {line.value['id']!r} of {line.locale} again; it is in {first}, too",
            "one row for each id and locale",
        )

    def _text(self, line: CheckedLine) -> Iterator[Violation]:
        utt = line.value.get("utt")
        if self.texts and line.row is not None and utt is not None:
            right = self.texts[line.row]
            if " ".join(utt) != right and len(utt) == self.counts[line.row]:
                words = "utt differs from the utterance"
                yield Violation(rules.OTHER_TEXT, words, excerpt=right)

    def _add(self, violation: Violation, number: int) -> None:
        self.collector.add(violation, self.files[-1], number)

    def _look_for_duplicate_keys(self, block: Block) -> None:
        for number, line in enumerate(block.lines, block.first):
            try:
                value = orjson.loads(line)
                keys = len(value)
            except (ValueError, TypeError):
                continue
            # An object of so many keys is refused for that alone.
            if keys <= row_rules.MANY and keys != line.count(_KEY_END):
                untested = self.untested.among(self._locale(value))
                for violation in json_rules.duplicate_keys(line):
                    self._add(self.untested.soften(violation, untested), number)

    def finish(self, where: str, source: LineSource) -> Predictions:
        """The arrays and the report, once all lines are read."""
        index = self.index
        everything = LabelColumns(
            inventory=index.inventory,
            locales=index.locales,
            locale=index.locale,
            ids=index.ids,
            intents=np.frombuffer(self.intents, np.int32),
            labels=self.labels(),
            offsets=self.offsets,
        )
        index, columns = self.scored, everything.only(*self.scored.locales)
        given = np.frombuffer(self.seen, np.int64) != 0
        present = given[: len(index)]
        set_aside = self.untested.finish(everything, given, self.collector, where)
        if self.rows_read:
            # Where reading stopped early, what is missing is not known.
            if source.complete and not self.no_lines:
                set_rules.missing(index, present, self.collector, where)
            set_rules.sameness(index, columns.intents, columns.labels, self.collector, where)
            set_rules.training_gold(index, self.hashes, self.collector, where)
        elif not self.collector.total("error"):
            self.collector.add(Violation(rules.EMPTY, "no line to read"), where)
        report = self.collector.report(
            rows=int(present.sum()), expected_rows=len(index), files=tuple(source.files)
        )
        return Predictions(columns, present, report, set_aside)
