"""Utterances as a text-to-text model reads and writes them, from flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.sampling import capped_rows
from massive_kit.data.store import Store
from massive_kit.models.constraint import item_encoder
from massive_kit.models.joint import NO_LABEL
from massive_kit.models.text_format import Answer, write_input, write_items
from massive_kit.schema.recipe import TextFormat


@dataclass(frozen=True, slots=True)
class TextSet:
    """n labelled utterances as inputs and targets; rows of a locale stand together.

    Attributes:
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        tokens: The tokens of each row.
        inputs: Flat, the piece ids of all inputs.
        input_offsets: Shape (n + 1,), where each input begins.
        targets: Flat, the piece ids of all targets, the closing piece included.
        target_offsets: Shape (n + 1,), where each target begins.
        intents: Shape (n,).
        labels: Flat, for each token its label.
        token_offsets: Shape (n + 1,), where each row's tokens begin.
        pad: The id that fills inputs up.
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
    pad: int

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shape (n,), pieces of input and target together."""
        return np.diff(self.input_offsets) + np.diff(self.target_offsets)

    def batch(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Rows padded to the longest of them, as a seq2seq model takes them."""
        ids, inside = _padded(self.inputs, self.input_offsets, rows, self.pad)
        labels, _ = _padded(self.targets, self.target_offsets, rows, NO_LABEL)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "labels": torch.from_numpy(labels),
        }


def text_store(
    store: Store,
    partition: str,
    locales: Sequence[str],
    tokenizer: Any,
    form: TextFormat,
    *,
    max_input: int,
    rows: int | None = None,
) -> TextSet:
    """A labelled partition over some locales as texts; `rows` caps each locale."""
    tokens: list[list[str]] = []
    answers: list[Answer] = []
    counts = []
    for locale in locales:
        table = store.read(partition, [locale], ["tokens", "intent", "labels"])
        chosen = capped_rows(store, partition, locale, rows)
        table = table if chosen is None else table.take(chosen)
        counts.append(len(table))
        tokens += table.column("tokens").to_pylist()
        pairs = zip(
            table.column("intent").to_pylist(), table.column("labels").to_pylist(), strict=True
        )
        answers += [Answer(intent, labels) for intent, labels in pairs]
    inputs = encode_inputs(tokens, tokenizer, form, max_input)
    encode = item_encoder(tokenizer)
    targets = []
    for row, answer in zip(tokens, answers, strict=True):
        # Item by item, so that training writes exactly what constrained decoding allows.
        target: list[int] = []
        for i, item in enumerate(write_items(row, answer, form)):
            target += encode(f" {item}" if i else item)
        targets.append([*target, tokenizer.eos_token_id])
    inventory: Inventory = store.inventory
    flat_inputs, input_offsets = _flat(inputs)
    flat_targets, target_offsets = _flat(targets)
    labels = [inventory.label_index[label] for answer in answers for label in answer.labels]
    return TextSet(
        locales=tuple(locales),
        locale=np.repeat(np.arange(len(locales), dtype=np.int16), counts),
        tokens=tokens,
        inputs=flat_inputs,
        input_offsets=input_offsets,
        targets=flat_targets,
        target_offsets=target_offsets,
        intents=np.array([inventory.intent_index[a.intent] for a in answers], np.int32),
        labels=np.array(labels, np.int16),
        token_offsets=np.concatenate([[0], np.cumsum([len(row) for row in tokens])]).astype(
            np.int64
        ),
        pad=int(tokenizer.pad_token_id),
    )


def encode_inputs(
    tokens: Sequence[Sequence[str]], tokenizer: Any, form: TextFormat, max_input: int
) -> list[list[int]]:
    """The piece ids of each utterance's input."""
    if not tokens:
        return []
    texts = [write_input(row, form) for row in tokens]
    found: list[list[int]] = tokenizer(texts, truncation=True, max_length=max_input).input_ids
    return found


def _flat(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    lengths = [len(row) for row in rows]
    flat = np.fromiter((i for row in rows for i in row), np.int32, sum(lengths))
    return flat, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _padded(
    flat: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.int64], fill: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    columns = np.arange(lengths.max(initial=1))
    inside = columns < lengths[:, None]
    at = np.where(inside, starts[:, None] + columns, 0)
    return np.where(inside, flat[at], fill).astype(np.int64), inside
