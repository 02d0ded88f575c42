"""Labels of right rows, taken in any order into arrays in the task's order.

Each value of a row is touched once, so that a valid file costs little more than its JSON.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import offsets_of, ranges
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.locale_reading import LocaleReading
from massive_kit.submission.untested_locales import UntestedRows


class RowTaking:
    """Collects the labels of rows that may come in any order.

    Args:
        index: What the task expects.
    """

    def __init__(self, index: TaskIndex) -> None:
        self.untested = UntestedRows(index.untested)
        self.intents = array("i")
        # Where each row was first seen: file number and line number in one integer; 0 is nowhere.
        self.seen = array("q")
        # Stands for the annotated utterance, to find copies of the training data.
        self.hashes = array("q")
        self.rows_read = 0
        # Spans as parallel columns: first token, tokens, label of the first token.
        self.span_start, self.span_length = array("i"), array("i")
        self.span_label = array("h")
        self.intent_index = index.inventory.intent_index
        self.has_intents = bool(self.intent_index)
        self.fewest_fields = 3 + self.has_intents
        self.slot_index = {s: i for i, s in enumerate(index.inventory.slots, 1)}
        self.locales = LocaleReading(index, self.untested.locales)
        self.rows = self.locales.rows
        self.expect(index)

    def expect(self, index: TaskIndex) -> None:
        """Makes room for the rows of an index that begins with those there was room for."""
        self.index = index
        self.locales.extend(index)
        self.texts = index.texts
        self.offsets = offsets_of(index.token_counts)
        self.starts = self.offsets[:-1].tolist()
        self.counts = index.token_counts.tolist()
        more = len(index) - len(self.seen)
        self.intents += array("i", [-1]) * more
        self.seen += array("q", [0]) * more
        self.hashes += array("q", [0]) * (more if index.texts else 0)

    def take_row(self, row: Any, place: int) -> bool:  # noqa: C901 - calls would double its time
        """Takes a row that breaks no rule; refuses any other, and then changes nothing."""
        try:
            at = self.rows[row["locale"]][row["id"]]
            intent = self.intent_index[row["pred_intent"]] if self.has_intents else -1
            text = row["pred_annot_utt"]
            if "\\" in text:
                return False
            before, *slots = text.split("[")
            position = len(before.split())
            spans, right_slots = [], []
            for slot_text in slots:
                slot, _, rest = slot_text.partition(" : ")
                value, end, after = rest.partition("]")
                tokens = len(value.split())
                if not (tokens and end):
                    return False
                spans.append((position, tokens, self.slot_index[slot]))
                right_slots.append([value, slot])
                position += tokens + len(after.split())
            given, utt = row.get("pred_slots"), row.get("utt")
            if (
                position != self.counts[at]
                or self.seen[at]
                or text.count("]") != len(slots)
                or len(row) != self.fewest_fields + (given is not None) + (utt is not None)
                or (given is not None and given != right_slots)
            ):
                return False
            if utt is not None:
                # Joining refuses what is not a string.
                text_of_utt = " ".join(utt)
                if len(utt) != position or type(utt) is not list:
                    return False
                if self.texts and text_of_utt != self.texts[at]:
                    return False
        except (KeyError, TypeError, AttributeError):
            return False
        self.intents[at] = intent
        self.seen[at] = place
        self.rows_read += 1
        if self.texts:
            self.hashes[at] = hash(text)
        if spans:
            start = self.starts[at]
            for first, tokens, label in spans:
                self.span_start.append(start + first)
                self.span_length.append(tokens)
                self.span_label.append(label)
        return True

    def keep(self, line: CheckedLine) -> None:
        """Takes a row that the rules found right."""
        assert line.row is not None
        if self.has_intents:
            self.intents[line.row] = self.intent_index[line.value["pred_intent"]]
        if self.texts:
            self.hashes[line.row] = hash(line.value.get("pred_annot_utt"))
        start = self.starts[line.row]
        numbers = self.index.inventory.label_index
        # Without slots in the data, a line may leave the annotated utterance out.
        for i, label in enumerate(line.labels or ()):
            if number := numbers[label]:
                self.span_start.append(start + i)
                self.span_length.append(1)
                self.span_label.append(number)

    def labels(self) -> NDArray[np.int16]:
        """The label of every token, row by row in the task's order."""
        labels = np.zeros(int(self.offsets[-1]), np.int16)
        starts = np.frombuffer(self.span_start, np.int32) if self.span_start else np.zeros(0, int)
        lengths = np.frombuffer(self.span_length, np.int32) if self.span_start else starts
        values = np.frombuffer(self.span_label, np.int16) if self.span_start else starts
        inventory = self.index.inventory
        inside = values
        if inventory.scheme == "brackets":
            # What was taken token by token has the label of its token already.
            inside = np.where(lengths > 1, values + len(inventory.slots), values)
        labels[ranges(starts, lengths)] = np.repeat(inside, lengths)
        labels[starts] = values
        return labels
