"""Real utterances of all languages: read once, tokenised as either way reads them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.home import stores
from massive_kit.data.inventory import Inventory
from massive_kit.data.opening import open_data
from massive_kit.data.ragged import cut, flat, offsets_of
from massive_kit.data.split import DataSplit
from massive_kit.engine.tokenizers import load_tokenizer, train_tokenizer
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_utterances
from massive_kit.systems.interface import Utterance
from massive_kit.systems.subwords.placement import Placement
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.labelled_texts import LabelledTexts
from massive_kit.systems.text_answers.model_settings import TextModel
from massive_kit.systems.text_answers.text_format import Answer

_LONGEST = 512
_TRAINED_VOCABULARY = 30_000


@dataclass(frozen=True, slots=True)
class BenchmarkRows:
    """Labelled utterances, locale after locale.

    Attributes:
        data: The store's name.
        locales: How many locales they are from.
        inventory: The labels.
        utterances: The utterances.
        intents: Shape (n,).
        labels: Flat, for each token its label.
    """

    data: str
    locales: int
    inventory: Inventory
    utterances: list[Utterance]
    intents: NDArray[np.int32]
    labels: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class TokenisedRows:
    """Rows with a tokenizer; each way of cutting them is done once.

    Attributes:
        rows: The rows.
        tokenizer: The tokenizer.
    """

    rows: BenchmarkRows
    tokenizer: Any
    _known: dict[Placement, EncoderDataset] = field(default_factory=dict)
    _texts: list[LabelledTexts] = field(default_factory=list)

    def cut(self, placement: Placement) -> EncoderDataset:
        """The utterances as an encoder reads them."""
        if placement not in self._known:
            data = encode_utterances(
                [utterance.text for utterance in self.rows.utterances],
                [utterance.tokens for utterance in self.rows.utterances],
                self.tokenizer,
                placement=placement,
                max_length=_LONGEST,
            )
            labelled = replace(data, intents=self.rows.intents, labels=self.rows.labels)
            self._known[placement] = labelled
        return self._known[placement]

    def texts(self) -> LabelledTexts:
        """The utterances as a text-to-text model reads them, and writes their labels."""
        if not self._texts:
            self._texts.append(_texts(self.rows, self.tokenizer))
        return self._texts[0]


def _texts(rows: BenchmarkRows, tokenizer: Any) -> LabelledTexts:
    coding = TextCoding(tokenizer, rows.inventory, TextModel(base="any"))
    tokens = [list(utterance.tokens) for utterance in rows.utterances]
    token_offsets = offsets_of(np.array([len(row) for row in tokens], np.int64))
    inputs, input_offsets = flat(coding.inputs(tokens))
    names = [rows.inventory.labels[label] for label in rows.labels.tolist()]
    answers = [
        Answer(rows.inventory.intents[intent], names[token_offsets[row] : token_offsets[row + 1]])
        for row, intent in enumerate(rows.intents.tolist())
    ]
    targets, target_offsets = flat(
        [coding.target(row, answer) for row, answer in zip(tokens, answers, strict=True)]
    )
    return LabelledTexts(
        locales=(rows.data,),
        locale=np.zeros(len(tokens), np.int16),
        tokens=tokens,
        inputs=inputs,
        input_offsets=input_offsets,
        targets=targets,
        target_offsets=target_offsets,
        intents=rows.intents,
        labels=rows.labels,
        token_offsets=token_offsets,
    )


def read_rows(data: str | None, partition: str, rows: int) -> BenchmarkRows:
    """About so many rows, as many of each locale, drawn by id.

    Args:
        data: A store; by default `1.1` if it is here, else the demo corpus.
        partition: The partition.
        rows: How many over all locales.
    """
    store = open_data(data or ("1.1" if (stores() / "1.1").is_dir() else "demo"))
    # Of 1.1, the locales of 1.0, which the paper's figures are about.
    locales = [name for name in store.locales if name != "ca-ES"]
    utterances: list[Utterance] = []
    intents, labels = [], []
    for split in DataSplit(store, partition, tuple(locales)).by_locale():
        chosen = split.capped_rows(-(-rows // len(locales)))
        table, columns = split.read(["id", "locale", "utt", "tokens"]), split.labels()
        if chosen is None:
            chosen = np.arange(len(table))
        utterances += [
            Utterance(row["id"], row["locale"], row["utt"], row["tokens"])
            for row in table.take(pa.array(chosen)).to_pylist()
        ]
        intents.append(columns.intents[chosen])
        labels.append(cut(columns.labels, columns.offsets, chosen)[0])
    return BenchmarkRows(
        store.name,
        len(locales),
        store.inventory,
        utterances,
        np.concatenate(intents).astype(np.int32),
        np.concatenate(labels).astype(np.int16),
    )


def tokenizer_for(folder: str | None, rows: BenchmarkRows) -> Any:
    """The tokenizer in a folder, or one trained on the rows."""
    if folder is not None:
        return load_tokenizer(folder)
    return train_tokenizer([row.text for row in rows.utterances], _TRAINED_VOCABULARY)
