"""Runs a joint model over encoded utterances, longest together with longest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.engine.transfers import moved, on_device
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.encoder.label_offsets import RowOffsets
from massive_kit.systems.joint_decoding import (
    Decoded,
    allowed_mask,
    certainty,
    decode,
    read_apart,
)
from massive_kit.systems.label_transitions import Transitions
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.subwords.rows import BatchPlaces, speaking_subwords, token_labels

# Most padded subwords of a batch where nobody says another number.
BUDGET = 8192

_Read = Callable[[JointOutput, NDArray[np.int64]], Decoded]


@dataclass(frozen=True, slots=True)
class IntentPrior:
    """What else is known of the intents of n utterances, before they are decoded.

    Attributes:
        shares: Shape (n, intents), probabilities.
        weight: Their weight, where the model's own probabilities have the rest.
    """

    shares: NDArray[np.float32]
    weight: float

    def mixed(self, logits: torch.Tensor, rows: NDArray[np.int64]) -> torch.Tensor:
        """The logarithms of the probabilities of both together.

        Args:
            logits: Shape (batch, intents), the model's own.
            rows: Shape (batch,), which utterances they are.
        """
        own = logits.float().softmax(-1)
        shares = moved(torch.from_numpy(self.shares[rows]), own.device)
        return torch.log((1 - self.weight) * own + self.weight * shares)


def infer(
    model: JointModel,
    data: EncoderDataset,
    inventory: Inventory,
    *,
    budget: int = BUDGET,
    precision: str = "fp32",
    prior: IntentPrior | None = None,
    shift: NDArray[np.float32] | None = None,
    offsets: RowOffsets | None = None,
    transitions: Transitions | None = None,
    confident: bool = False,
) -> PredictedLabels:
    """The most likely intent of each utterance, -1 without intents, and label of each token.

    They are read one by one, or together where the model's configuration has `allowed_labels`.
    Labels are such as IOB2 allows, where the inventory's scheme asks for it.

    Args:
        model: The model.
        data: The utterances.
        inventory: The labels.
        budget: Most padded subwords of a batch.
        precision: bf16 or fp32.
        prior: What else is known of the intents.
        shift: Shape (n, width), what is added to the vector that each intent is read from.
        offsets: What is added to the logits of each label.
        transitions: Shape (labels, labels), what is added where the second label follows the first;
            `None` reads each for itself.
        confident: Whether confidences are wanted.
    """
    predicted: list[PredictedLabels] = infer_each(
        model,
        data,
        inventory,
        [prior],
        budget=budget,
        precision=precision,
        shift=shift,
        offsets=offsets,
        transitions=transitions,
        confident=confident,
    )
    return predicted[0]


@torch.inference_mode()
def infer_each(
    model: JointModel,
    data: EncoderDataset,
    inventory: Inventory,
    priors: Sequence[IntentPrior | None],
    *,
    budget: int = BUDGET,
    precision: str = "fp32",
    shift: NDArray[np.float32] | None = None,
    offsets: RowOffsets | None = None,
    transitions: Transitions | None = None,
    confident: bool = False,
) -> list[PredictedLabels]:
    """As `infer`, under each of several priors; the model runs once."""
    device = next(model.parameters()).device
    order = np.argsort(data.lengths, kind="stable")
    was_training = model.training
    model.eval()
    pending: list[list[_Pending]] = [[] for _ in priors]
    together = _together(model, data, transitions)
    spoken = speaking_subwords(data) if confident else None
    with autocast(device, precision):
        for rows in length_batches(data.lengths, order, budget):
            batch = data.batch(rows)
            if shift is not None:
                batch["intent_shift"] = torch.from_numpy(shift[rows])
            with known_padding(batch):
                output = model(**on_device(batch, device))
            # Only labels leave the device, and only at the end, so that no step waits for the one
            # before.
            for prior, batches in zip(priors, pending, strict=True):
                inside, under = batch["attention_mask"], moved_logits(output, rows, prior, offsets)
                decoded = together(under, rows)
                narrow = Decoded(decoded.intents.to(torch.int32), decoded.labels.to(torch.int16))
                sure = None
                if spoken is not None:
                    speaks = moved(_speaking(spoken, data, rows), device)
                    assert under.slot_logits is not None
                    sure = certainty(under.intent_logits, under.slot_logits, decoded, speaks)
                batches.append(_Pending(rows, inside.numpy(), narrow, sure))
    model.train(was_training)
    return [_gathered(batches, data, inventory) for batches in pending]


@dataclass(frozen=True, slots=True)
class _Pending:
    """What was decoded of a batch, on the device still.

    Attributes:
        rows: Shape (batch,).
        inside: Shape (batch, subwords), where there are any.
        decoded: The reading.
        confidences: Shape (batch,), where they are wanted.
    """

    rows: NDArray[np.int64]
    inside: NDArray[np.bool_]
    decoded: Decoded
    confidences: torch.Tensor | None


def _gathered(
    batches: Sequence[_Pending], data: EncoderDataset, inventory: Inventory
) -> PredictedLabels:
    intents = np.empty(len(data), np.int32)
    subwords = np.empty(len(data.subwords), np.int16)
    confidences = np.empty(len(data), np.float32)
    wanted = False
    for batch in batches:
        intents[batch.rows] = batch.decoded.intents.cpu().numpy()
        columns = np.arange(batch.inside.shape[1])
        at = data.subword_offsets[batch.rows][:, None] + columns
        subwords[at[batch.inside]] = batch.decoded.labels.cpu().numpy()[batch.inside]
        if batch.confidences is not None:
            wanted = True
            confidences[batch.rows] = batch.confidences.float().cpu().numpy()
    labels = token_labels(subwords, data, inventory)
    return PredictedLabels(intents, labels, confidences if wanted else None)


def _speaking(
    spoken: NDArray[np.bool_], data: EncoderDataset, rows: NDArray[np.int64]
) -> torch.Tensor:
    """Shape (batch, subwords), whether a subword speaks for a token."""
    places = BatchPlaces.of(data, rows)
    return torch.from_numpy(spoken[places.at] & places.inside)


def moved_logits(
    output: JointOutput,
    rows: NDArray[np.int64],
    prior: IntentPrior | None,
    offsets: RowOffsets | None,
) -> JointOutput:
    """A batch's logits with what else is known, and with what is added to them.

    Args:
        output: The model's own logits.
        rows: Shape (batch,), which utterances they are.
        prior: What else is known of the intents.
        offsets: What is added to the logits of each label.
    """
    intents, slots = output.intent_logits, output.slot_logits
    if prior is not None and intents is not None:
        intents = prior.mixed(intents, rows)
    if offsets is not None and intents is not None:
        intents = offsets.on_intents(intents, rows)
    if offsets is not None and slots is not None:
        slots = offsets.on_labels(slots, rows)
    return JointOutput(intent_logits=intents, slot_logits=slots)


def _together(model: JointModel, data: EncoderDataset, transitions: Transitions | None) -> _Read:
    """How a batch's logits are read."""
    decode_batch, device = decoder(model, transitions), next(model.parameters()).device
    if not model.config.allowed_labels and transitions is None:
        # Labels that are read one by one do not ask which subwords speak.
        return lambda output, _: decode_batch(output, None)
    spoken = speaking_subwords(data)

    def read(output: JointOutput, rows: NDArray[np.int64]) -> Decoded:
        speaks = _speaking(spoken, data, rows)
        return decode_batch(output, moved(speaks, device))

    return read


def decoder(
    model: JointModel, transitions: Transitions | None = None
) -> Callable[[JointOutput, torch.Tensor | None], Decoded]:
    """How a model's logits are read, given which subwords speak for a token.

    Intent and labels are read one by one, or together where the model's configuration has
    `allowed_labels`; labels as a chain where there are transitions.
    """
    pairs, device = model.config.allowed_labels, next(model.parameters()).device
    chain = None if transitions is None else torch.from_numpy(transitions).to(device)
    if not pairs:
        return lambda output, speaks: read_apart(
            output.intent_logits, output.slot_logits, speaks, chain
        )
    allowed = allowed_mask(pairs, len(model.config.labels), device)
    return lambda output, speaks: decode(
        output.intent_logits, output.slot_logits, speaks, allowed, chain
    )
