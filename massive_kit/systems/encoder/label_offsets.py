"""What is added to the logits of each language when it is predicted; see `label_rates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.engine.transfers import moved
from massive_kit.systems.encoder.locale_arrays import load_arrays, save_arrays
from massive_kit.systems.interface import Utterance
from massive_kit.systems.retrieval.vector_index import Vectors

FILE = "label_offsets.safetensors"


@dataclass(frozen=True, slots=True)
class RowOffsets:
    """What is added to the logits of n utterances.

    Attributes:
        intents: Shape (locales, intents).
        labels: Shape (locales, labels).
        locale: Shape (n,), which row of them is an utterance's.
    """

    intents: Vectors
    labels: Vectors
    locale: NDArray[np.int64]

    def on_intents(self, logits: torch.Tensor, rows: NDArray[np.int64]) -> torch.Tensor:
        """Intents of shape (batch, intents) with theirs; `rows` says which utterances they are."""
        return logits + moved(torch.from_numpy(self.intents[self.locale[rows]]), logits.device)

    def on_labels(self, logits: torch.Tensor, rows: NDArray[np.int64]) -> torch.Tensor:
        """Labels of shape (batch, subwords, labels) with theirs."""
        offsets = moved(torch.from_numpy(self.labels[self.locale[rows]]), logits.device)
        return logits + offsets.unsqueeze(1)


@dataclass(frozen=True, slots=True)
class LabelOffsets:
    """What is added to the logits of each language.

    Attributes:
        by_locale: Shape (intents + labels,) each; zero for the locales whose labels were learnt.
        intents: How many of these are of intents.
    """

    by_locale: Mapping[str, Vectors]
    intents: int

    def of(self, utterances: Sequence[Utterance]) -> RowOffsets:
        """Those of some utterances; a locale without text keeps its logits."""
        number = {locale: row for row, locale in enumerate(self.by_locale)}
        width = len(next(iter(self.by_locale.values())))
        table = np.stack([*self.by_locale.values(), np.zeros(width, np.float32)])
        rows = [number.get(utterance.locale, len(number)) for utterance in utterances]
        return RowOffsets(
            table[:, : self.intents], table[:, self.intents :], np.array(rows, np.int64)
        )

    def save(self, folder: Path) -> None:
        """Writes them into a folder."""
        save_arrays(folder / FILE, self.by_locale)

    @classmethod
    def load(cls, folder: Path, intents: int, labels: int) -> LabelOffsets:
        """Reads them, of so many intents and labels, from a folder; nothing in the file is run.

        Raises:
            MissingDataError: The run was trained without them.
            ContentError: The file cannot be read.
        """
        return cls(load_arrays(folder / FILE, intents + labels, "inference.label_rates"), intents)
