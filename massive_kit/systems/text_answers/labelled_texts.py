"""Labelled utterances as a model reads and writes them: encoded once, and cached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import cut, flat, offsets_of, rows_of_lengths
from massive_kit.data.split import DataSplit
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.text_format import Answer

# A new way of writing must not find what an older one left in the cache.
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """n labelled utterances as inputs and targets; rows of a locale stand together.

    Attributes:
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        tokens: The tokens of each row.
        inputs: Flat, the subword ids of all inputs.
        input_offsets: Shape (n + 1,), where each input begins.
        targets: Flat, the subword ids of all targets, the closing subword included.
        target_offsets: Shape (n + 1,), where each target begins.
        intents: Shape (n,).
        labels: Flat, for each token its label.
        token_offsets: Shape (n + 1,), where each row's tokens begin.
    """

    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    tokens: list[list[str]]
    inputs: NDArray[np.int32]
    input_offsets: NDArray[np.int64]
    targets: NDArray[np.int32]
    target_offsets: NDArray[np.int64]
    intents: NDArray[np.int32]
    labels: NDArray[np.int16]
    token_offsets: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shape (n,), subwords of input and target together."""
        return np.diff(self.input_offsets) + np.diff(self.target_offsets)

    def taken(self, rows: NDArray[np.int64]) -> LabelledTexts:
        """Some rows alone."""
        inputs, input_offsets = cut(self.inputs, self.input_offsets, rows)
        targets, target_offsets = cut(self.targets, self.target_offsets, rows)
        labels, token_offsets = cut(self.labels, self.token_offsets, rows)
        return replace(
            self,
            locale=self.locale[rows],
            tokens=[self.tokens[i] for i in rows],
            inputs=inputs,
            input_offsets=input_offsets,
            targets=targets,
            target_offsets=target_offsets,
            intents=self.intents[rows],
            labels=labels,
            token_offsets=token_offsets,
        )


def encode_split(split: DataSplit, coding: TextCoding, *, rows: int | None = None) -> LabelledTexts:
    """A labelled split as texts, from the cache if they are there.

    `rows` caps each locale.
    """
    sets = []
    for locale_split in split.by_locale():
        part = cached_part(
            locale_split, f"texts {_FORMAT} {coding.key}", partial(_write, locale_split, coding)
        )
        tokens = locale_split.read(["tokens"]).column("tokens").to_pylist()
        texts = LabelledTexts(
            locales=locale_split.locales,
            locale=np.zeros(len(tokens), np.int16),
            tokens=tokens,
            token_offsets=offsets_of(np.array([len(row) for row in tokens], np.int64)),
            **part,
        )
        chosen = locale_split.capped_rows(rows)
        sets.append(texts if chosen is None else texts.taken(chosen))
    return _joined(sets)


def padded(
    values: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.int64], fill: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Some rows of a flat array, filled up to the longest, and where they are not filled up."""
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    columns = np.arange(lengths.max(initial=1))
    inside = columns < lengths[:, None]
    at = np.where(inside, starts[:, None] + columns, 0)
    return np.where(inside, values[at], fill).astype(np.int64), inside


def _write(split: DataSplit, coding: TextCoding) -> Part:
    """Inputs, targets and labels of one locale."""
    table = split.read(["tokens", "intent"])
    tokens: list[list[str]] = table.column("tokens").to_pylist()
    intents = table.column("intent").to_pylist()
    columns = split.labels()
    inputs, input_offsets = flat(coding.inputs(tokens))
    targets, target_offsets = flat(
        [
            coding.target(row, Answer(intents[number], columns.row_labels(number)))
            for number, row in enumerate(tokens)
        ]
    )
    return {
        "inputs": inputs,
        "input_offsets": input_offsets,
        "targets": targets,
        "target_offsets": target_offsets,
        "intents": columns.intents.astype(np.int32),
        "labels": columns.labels.astype(np.int16),
    }


def _joined(sets: Sequence[LabelledTexts]) -> LabelledTexts:
    def values(name: str, kind: Any) -> NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *(getattr(texts, name) for texts in sets)])

    def offsets(name: str) -> NDArray[np.int64]:
        counts = [np.diff(getattr(texts, name)) for texts in sets]
        return offsets_of(np.concatenate([np.zeros(0, np.int64), *counts]))

    return LabelledTexts(
        locales=tuple(locale for texts in sets for locale in texts.locales),
        locale=rows_of_lengths([len(texts) for texts in sets], np.int16),
        tokens=[row for texts in sets for row in texts.tokens],
        inputs=values("inputs", np.int32),
        input_offsets=offsets("input_offsets"),
        targets=values("targets", np.int32),
        target_offsets=offsets("target_offsets"),
        intents=values("intents", np.int32),
        labels=values("labels", np.int16),
        token_offsets=offsets("token_offsets"),
    )
