"""Rows in two cuts, and how far what an encoder says of the one is from what it says of the other.

What is compared, and after whom, stands in `massive_kit.engine.objectives.consistency`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from massive_kit.data.ragged import cut
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.divergence import symmetric_divergence
from massive_kit.engine.objectives.consistency import Settings
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.subwords.word_places import reached, word_places


class SecondCuts(BatchDataset):
    """The training rows cut anew, and where each of their words is read in both cuts.

    Words that the limit on length leaves out of one of the cuts are not compared.
    """

    def __init__(self, first: EncoderDataset, again: EncoderDataset) -> None:
        self.first = first
        self.again = again
        self.longest = int(again.lengths.max(initial=0))
        self.compared = reached(first) & reached(again)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.again)

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Rows in their second cut; `words` has the places in both cuts, shape (2, words)."""
        compared, _ = cut(self.compared, self.first.token_offsets, rows)
        places = [word_places(data, rows)[compared] for data in (self.first, self.again)]
        return self.again.batch(rows) | {"words": torch.from_numpy(np.stack(places))}


@dataclass(frozen=True, slots=True)
class Consistency:
    """The loss of two cuts.

    Attributes:
        settings: How readings are compared.
    """

    settings: Settings

    def __call__(
        self, model: JointModel, output: JointOutput, batch: Mapping[str, Tensor]
    ) -> Tensor:
        """A scalar: the mean over rows for intents, and that over words for slots.

        They weigh as they do in the task's own loss.

        Args:
            model: The model.
            output: What it says of the rows in their first cut.
            batch: Of `SecondCuts`.
        """
        cuts = {name: value for name, value in batch.items() if name != "words"}
        again = model.logits(**cuts)
        first_words, again_words = batch["words"]
        assert output.slot_logits is not None
        assert again.slot_logits is not None
        slots = self._apart(
            output.slot_logits.flatten(0, 1)[first_words],
            again.slot_logits.flatten(0, 1)[again_words],
        )
        loss: Tensor = model.config.slot_loss * slots
        if output.intent_logits is None or again.intent_logits is None:
            return loss
        return loss + self._apart(output.intent_logits, again.intent_logits)

    def _apart(self, logits: Tensor, others: Tensor) -> Tensor:
        return symmetric_divergence(
            logits,
            others,
            self.settings.temperature,
            stop_gradient=self.settings.stop_gradient,
        )
