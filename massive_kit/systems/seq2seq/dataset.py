"""Utterances as a text-to-text model reads and writes them: encoded once, cached, batched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.ragged import cut, flat, offsets_of, rows_of_lengths
from massive_kit.data.split import DataSplit
from massive_kit.engine.batches import NO_LABEL, BatchDataset
from massive_kit.engine.tokenised_cache import Part, cached_part
from massive_kit.engine.tokenizers import fingerprint
from massive_kit.files import jsonio
from massive_kit.systems.text_answers.answer_grammar import item_encoder
from massive_kit.systems.text_answers.format_settings import TextFormat
from massive_kit.systems.text_answers.text_format import Answer, write_input, write_items
from massive_kit.systems.text_answers.verbaliser import Verbaliser

# A new way of writing must not find what an older one left in the cache.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Seq2SeqDataset:
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
        """Shape (n,), subwords of input and target together."""
        return np.diff(self.input_offsets) + np.diff(self.target_offsets)

    def taken(self, rows: NDArray[np.int64]) -> Seq2SeqDataset:
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

    def batch(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Rows padded to the longest of them, as a seq2seq model takes them."""
        ids, inside = _padded(self.inputs, self.input_offsets, rows, self.pad)
        labels, _ = _padded(self.targets, self.target_offsets, rows, NO_LABEL)
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(inside.astype(np.int64)),
            "labels": torch.from_numpy(labels),
        }


def encode_split(
    split: DataSplit,
    tokenizer: Any,
    form: TextFormat,
    *,
    max_input: int,
    rows: int | None = None,
) -> Seq2SeqDataset:
    """A labelled split as texts, from the cache if they are there.

    `rows` caps each locale.
    """
    form_key = jsonio.dumps(form.model_dump())
    settings = f"texts {_FORMAT} {fingerprint(tokenizer)} {form_key} {max_input}"
    sets = []
    for locale_split in split.by_locale():
        part = cached_part(
            locale_split, settings, partial(_write, locale_split, tokenizer, form, max_input)
        )
        tokens = locale_split.read(["tokens"]).column("tokens").to_pylist()
        dataset = Seq2SeqDataset(
            locales=locale_split.locales,
            locale=np.zeros(len(tokens), np.int16),
            tokens=tokens,
            token_offsets=offsets_of(np.array([len(row) for row in tokens], np.int64)),
            pad=int(tokenizer.pad_token_id),
            **part,
        )
        chosen = locale_split.capped_rows(rows)
        sets.append(dataset if chosen is None else dataset.taken(chosen))
    return _joined(sets, tokenizer)


def encode_inputs(
    tokens: Sequence[Sequence[str]], tokenizer: Any, form: TextFormat, max_input: int
) -> list[list[int]]:
    """The subword ids of each utterance's input."""
    if not tokens:
        return []
    texts = [write_input(row, form) for row in tokens]
    ids: list[list[int]] = tokenizer(texts, truncation=True, max_length=max_input).input_ids
    return ids


def _write(split: DataSplit, tokenizer: Any, form: TextFormat, max_input: int) -> Part:
    """Inputs, targets and labels of one locale."""
    table = split.read(["tokens", "intent"])
    tokens: list[list[str]] = table.column("tokens").to_pylist()
    intents = table.column("intent").to_pylist()
    columns = split.labels()
    verbaliser = Verbaliser(split.store.inventory, form)
    encode = item_encoder(tokenizer)
    targets = []
    for number, row in enumerate(tokens):
        answer = Answer(intents[number], columns.row_labels(number))
        # Item by item, so that training writes exactly what constrained decoding allows.
        target: list[int] = []
        for i, item in enumerate(write_items(row, answer, verbaliser)):
            target += encode(f" {item}" if i else item)
        targets.append([*target, tokenizer.eos_token_id])
    inputs, input_offsets = flat(encode_inputs(tokens, tokenizer, form, max_input))
    written, target_offsets = flat(targets)
    return {
        "inputs": inputs,
        "input_offsets": input_offsets,
        "targets": written,
        "target_offsets": target_offsets,
        "intents": columns.intents.astype(np.int32),
        "labels": columns.labels.astype(np.int16),
    }


def _joined(sets: Sequence[Seq2SeqDataset], tokenizer: Any) -> Seq2SeqDataset:
    def values(name: str, kind: Any) -> NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *(getattr(dataset, name) for dataset in sets)])

    def offsets(name: str) -> NDArray[np.int64]:
        counts = [np.diff(getattr(dataset, name)) for dataset in sets]
        return offsets_of(np.concatenate([np.zeros(0, np.int64), *counts]))

    return Seq2SeqDataset(
        locales=tuple(locale for dataset in sets for locale in dataset.locales),
        locale=rows_of_lengths([len(dataset) for dataset in sets], np.int16),
        tokens=[row for dataset in sets for row in dataset.tokens],
        inputs=values("inputs", np.int32),
        input_offsets=offsets("input_offsets"),
        targets=values("targets", np.int32),
        target_offsets=offsets("target_offsets"),
        intents=values("intents", np.int32),
        labels=values("labels", np.int16),
        token_offsets=offsets("token_offsets"),
        pad=int(tokenizer.pad_token_id),
    )


def _padded(
    values: NDArray[np.int32], offsets: NDArray[np.int64], rows: NDArray[np.int64], fill: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    columns = np.arange(lengths.max(initial=1))
    inside = columns < lengths[:, None]
    at = np.where(inside, starts[:, None] + columns, 0)
    return np.where(inside, values[at], fill).astype(np.int64), inside


class Seq2SeqBatches(BatchDataset):
    """A dataset, of which a data loader takes whole batches."""

    def __init__(self, data: Seq2SeqDataset) -> None:
        self.data = data
        # Encoder and decoder have positions of their own.
        both = (np.diff(data.input_offsets), np.diff(data.target_offsets))
        self.longest = int(max(lengths.max(initial=0) for lengths in both))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        """One row as a batch of its own."""
        return self.data.batch(np.array([row]))

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """A batch."""
        return self.data.batch(rows)
