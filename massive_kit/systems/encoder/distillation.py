"""What a teacher says of rows, and how far a student is from it.

What is learnt, and after whom, stands in `massive_kit.engine.objectives.distillation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import cut, places
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.divergence import divergence
from massive_kit.engine.objectives.distillation import Settings
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.distributions import word_states
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.subwords.word_places import reached, word_places


class TaughtRows(BatchDataset):
    """Rows as a student reads them, and what the teacher says of them.

    Row `i` of copy `c` has the number `c * len(outputs) + i`. Words that the limit on length leaves
    out of what either of them reads are not taught.

    Attributes:
        data: The rows, as often as they are trained on.
        outputs: What the teacher says of each.
        with_text: Whether batches bring the rows themselves, too.
    """

    def __init__(
        self, data: EncoderDataset, outputs: LabelDistributions, *, with_text: bool = False
    ) -> None:
        self.data = data
        self.outputs = outputs
        self.with_text = with_text
        self.longest = int(data.lengths.max(initial=0))
        self.reached = reached(data)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """`words` has the place of each taught word in the student's batch, flat."""
        rows = np.asarray(rows, np.int64) % len(self.data)
        spoken = rows % len(self.outputs)
        outputs = replace(self.outputs, states=None).taken(spoken)
        taught = outputs.read & cut(self.reached, self.data.token_offsets, rows)[0]
        states = {}
        if self.outputs.states is not None:
            words = places(self.outputs.offsets, spoken)[taught]
            states["states"] = torch.from_numpy(self.outputs.states.of(words))
        batch = self.data.batch(rows) if self.with_text else {}
        return (
            batch
            | states
            | {
                "words": torch.from_numpy(word_places(self.data, rows)[taught]),
                "intents": torch.from_numpy(outputs.intents),
                "labels": torch.from_numpy(outputs.labels[taught]),
            }
        )


@dataclass(frozen=True, slots=True)
class Distillation:
    """The loss of what a teacher says.

    Attributes:
        settings: At which temperature.
        layers: The student's layers that are compared with the teacher's, counted from 0.
    """

    settings: Settings
    layers: tuple[int, ...] = ()

    def __call__(
        self, model: JointModel, output: JointOutput, batch: Mapping[str, Tensor]
    ) -> Tensor:
        """A scalar: the mean over rows for intents, and that over words for slots.

        They weigh as they do in the task's own loss. Where hidden states are compared, their
        squared error is added, the mean over words, layers and what stands in each.

        Args:
            model: The student.
            output: What it says of the rows, where the batch does not bring some.
            batch: Of `TaughtRows`.
        """
        if "input_ids" in batch:
            names = ("input_ids", "attention_mask", "text_mask")
            output = model.logits(
                *(batch[name] for name in names), output_hidden_states=bool(self.layers)
            )
        assert output.slot_logits is not None
        slots = self._apart(batch["labels"], output.slot_logits.flatten(0, 1)[batch["words"]])
        loss: Tensor = model.config.slot_loss * slots
        if self.layers and len(batch["words"]):
            states = word_states(output, self.layers, batch["words"]).float()
            apart = functional.mse_loss(states, batch["states"].float())
            loss = loss + self.settings.hidden * apart
        if output.intent_logits is None:
            return loss
        return loss + self._apart(batch["intents"], output.intent_logits)

    def _apart(self, outputs: Tensor, logits: Tensor) -> Tensor:
        temperature = self.settings.temperature
        target = functional.softmax(outputs.float() / temperature, -1)
        return divergence(target, logits, temperature)
