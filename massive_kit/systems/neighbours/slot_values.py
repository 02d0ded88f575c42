"""Slots copied from what training has seen: values that stand in an utterance token for token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from massive_kit.data.span_schemes import Run, SpanScheme, runs_of, scheme_labels
from massive_kit.data.tokens import OTHER
from massive_kit.files import jsonio

Tokens = tuple[str, ...]

_FILE = "slot_values.json"
# Of how many times that its tokens stand in the rows of an intent a value has to be a slot.
_LEAST_SHARE = 0.5


class LabelledTokens(NamedTuple):
    """A training row.

    Attributes:
        intent: Its intent; "" where the corpus has none.
        tokens: Its tokens.
        labels: A token label for each.
    """

    intent: str
    tokens: Sequence[str]
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class SlotValues:
    """For each intent the values that are copied, with their slot.

    A value is copied where its tokens, in lower case, stand in an utterance of that intent; longer
    values come first, then earlier ones, and what is labelled is labelled once. Of the values of
    training rows with the intent, those are kept whose tokens are a slot at least every second time
    that they stand in such rows, with the slot that they are most often.

    So nothing is found that training has not seen in the same spelling: of another language, names,
    numbers and loan words at best; and inflected words or scripts without spaces hardly ever.

    Attributes:
        by_intent: For each intent the slot of each value, by its tokens.
    """

    by_intent: Mapping[str, Mapping[Tokens, str]]

    @classmethod
    def of(cls, rows: Sequence[LabelledTokens], scheme: SpanScheme) -> SlotValues:
        """The values of training rows.

        Args:
            rows: The rows.
            scheme: That of their labels.
        """
        values: dict[str, dict[Tokens, Counter[str]]] = {}
        for row in rows:
            tokens = _folded(row.tokens)
            of_intent = values.setdefault(row.intent, {})
            for span in _spans(row.labels, scheme):
                of_intent.setdefault(tokens[span.start : span.end], Counter())[span.label] += 1
        occurrences: dict[str, Counter[Tokens]] = {intent: Counter() for intent in values}
        longest = {intent: max(map(len, known), default=0) for intent, known in values.items()}
        for row in rows:
            known = values[row.intent]
            parts = _parts(_folded(row.tokens), longest[row.intent])
            occurrences[row.intent].update(part for _, part in parts if part in known)
        kept: dict[str, dict[Tokens, str]] = {}
        for intent, known in sorted(values.items()):
            kept[intent] = {
                tokens: min(slots, key=lambda slot: (-slots[slot], slot))
                for tokens, slots in sorted(known.items())
                if max(slots.values()) >= _LEAST_SHARE * occurrences[intent][tokens]
            }
        return cls(kept)

    def __len__(self) -> int:
        """The number of values, of all intents together."""
        return sum(map(len, self.by_intent.values()))

    def labels(self, tokens: Sequence[str], intent: str, scheme: SpanScheme) -> list[str]:
        """A token label for each token of an utterance.

        Args:
            tokens: Its tokens.
            intent: Its intent; "" where the corpus has none.
            scheme: That of the labels.
        """
        known = self.by_intent.get(intent, {})
        longest = max(map(len, known), default=0)
        slots = [OTHER] * len(tokens)
        starts = []
        # The longest parts come first, and of equally long ones the first.
        for start, part in _parts(_folded(tokens), longest):
            end = start + len(part)
            if part in known and all(slot == OTHER for slot in slots[start:end]):
                slots[start:end] = [known[part]] * len(part)
                starts.append(start)
        return scheme_labels(slots, starts, scheme)

    def save(self, folder: Path) -> None:
        """Writes them into a folder."""
        value = {
            intent: {" ".join(tokens): slot for tokens, slot in known.items()}
            for intent, known in self.by_intent.items()
        }
        jsonio.write_json(folder / _FILE, value)

    @classmethod
    def load(cls, folder: Path) -> SlotValues:
        """Reads them from a folder."""
        value = jsonio.read_json(folder / _FILE)
        return cls(
            {
                intent: {tuple(text.split(" ")): slot for text, slot in known.items()}
                for intent, known in value.items()
            }
        )


def _folded(tokens: Sequence[str]) -> Tokens:
    return tuple(token.casefold() for token in tokens)


def _spans(labels: Sequence[str], scheme: SpanScheme) -> Iterator[Run]:
    return (run for run in runs_of(labels, scheme) if run.label != OTHER)


def _parts(tokens: Tokens, longest: int) -> Iterator[tuple[int, Tokens]]:
    """Where each part of an utterance begins, and its tokens: the longest first."""
    for length in range(min(longest, len(tokens)), 0, -1):
        for start in range(len(tokens) - length + 1):
            yield start, tokens[start : start + length]
