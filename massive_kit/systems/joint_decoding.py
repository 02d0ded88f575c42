"""Decoding intent and slots together: what never stood together in training is not predicted.

Labels may be read as a chain, too: what stands beside them has a say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# An intent that is not among the likeliest few does not win by its slots.
_CANDIDATES = 8
# Of two labels each that are held at a time.
_MOST_SUMS = 1 << 24


@dataclass(frozen=True, slots=True)
class Decoded:
    """The most likely reading of a batch.

    Attributes:
        intents: Shape (batch,).
        labels: Shape (batch, subwords).
    """

    intents: Tensor
    labels: Tensor


def allowed_mask(allowed: Sequence[Sequence[int]], labels: int, device: torch.device) -> Tensor:
    """Shape (intents, labels): which may go together."""
    mask = torch.zeros(len(allowed), labels, dtype=torch.bool)
    for intent, intent_labels in enumerate(allowed):
        mask[intent, [*intent_labels]] = True
    return mask.to(device)


def read_apart(
    intent_logits: Tensor | None,
    slot_logits: Tensor,
    spoken: Tensor | None,
    transitions: Tensor | None = None,
) -> Decoded:
    """The most likely intent, -1 without intents, and the most likely labels, whatever it is.

    Args:
        intent_logits: Shape (batch, intents), if there are intents.
        slot_logits: Shape (batch, subwords, labels).
        spoken: As `best_paths` takes it; asked for with transitions alone.
        transitions: As `best_paths` takes them; `None` reads each label for itself.
    """
    if transitions is None or spoken is None:
        labels = slot_logits.argmax(-1)
    else:
        labels = best_paths(slot_logits.float().log_softmax(-1), spoken, transitions)
    if intent_logits is None:
        return Decoded(slot_logits.new_full(slot_logits.shape[:1], -1, dtype=torch.int32), labels)
    return Decoded(intent_logits.argmax(-1), labels)


def decode(
    intent_logits: Tensor,
    slot_logits: Tensor,
    spoken: Tensor,
    allowed: Tensor,
    transitions: Tensor | None = None,
) -> Decoded:
    """The intent with the labels allowed to it that are the most likely as a whole.

    The intent is that of labels that are read each for itself.

    Args:
        intent_logits: Shape (batch, intents).
        slot_logits: Shape (batch, subwords, labels).
        spoken: Shape (batch, subwords), whether a subword speaks for a token; others do not count.
        allowed: Shape (intents, labels).
        transitions: As `best_paths` takes them; `None` reads each label for itself.
    """
    slots = slot_logits.float().log_softmax(-1)
    best = intent_logits.float().log_softmax(-1).topk(min(_CANDIDATES, intent_logits.shape[-1]))
    fits = allowed[best.indices]
    readings = slots.unsqueeze(1).masked_fill(~fits.unsqueeze(2), -torch.inf).amax(-1)
    whole = best.values + readings.masked_fill(~spoken.unsqueeze(1), 0.0).sum(-1)
    intents = best.indices.gather(1, whole.argmax(-1, keepdim=True)).squeeze(1)
    allowed_slots = slots.masked_fill(~allowed[intents].unsqueeze(1), -torch.inf)
    if transitions is None:
        return Decoded(intents, allowed_slots.argmax(-1))
    return Decoded(intents, best_paths(allowed_slots, spoken, transitions))


def best_paths(slots: Tensor, spoken: Tensor, transitions: Tensor) -> Tensor:
    """Shape (batch, subwords): the labels that are the most likely as a chain (Viterbi 1967).

    Args:
        slots: Shape (batch, subwords, labels), logarithms of probabilities.
        spoken: Shape (batch, subwords), whether a subword speaks for a token; others are no part of
            a chain and have the label that is likeliest by itself.
        transitions: Shape (labels, labels), what is added where the second follows the first.
    """
    most = max(1, _MOST_SUMS // transitions.numel())
    if len(slots) > most:
        parts = zip(slots.split(most), spoken.split(most), strict=True)
        return torch.cat([best_paths(*part, transitions) for part in parts])
    paths = slots.argmax(-1)
    best = torch.zeros_like(slots[:, 0])
    themselves = torch.arange(slots.shape[-1], device=slots.device).expand_as(best)
    begun = torch.zeros_like(spoken[:, :1])
    before = []
    for place in range(slots.shape[1]):
        speaks = spoken[:, place : place + 1]
        values, labels = (best.unsqueeze(2) + transitions).max(1)
        follows = speaks & begun
        before.append(torch.where(follows, labels, themselves))
        best = torch.where(speaks, torch.where(begun, values, 0.0) + slots[:, place], best)
        begun = begun | speaks
    label = best.argmax(-1)
    for place in reversed(range(slots.shape[1])):
        paths[:, place] = torch.where(spoken[:, place], label, paths[:, place])
        label = before[place].gather(1, label.unsqueeze(1)).squeeze(1)
    return paths


def certainty(
    intent_logits: Tensor | None, slot_logits: Tensor, decoded: Decoded, spoken: Tensor
) -> Tensor:
    """Shape (batch,): the probability of the intent times that of the least likely label.

    Args:
        intent_logits: Shape (batch, intents), if there are intents.
        slot_logits: Shape (batch, subwords, labels).
        decoded: The reading.
        spoken: Shape (batch, subwords), whether a subword speaks for a token; others do not count.
    """
    chosen = decoded.labels.long().unsqueeze(-1)
    labels = slot_logits.float().softmax(-1).gather(-1, chosen).squeeze(-1)
    sure = labels.masked_fill(~spoken, 1.0).amin(-1)
    if intent_logits is None:
        return sure
    intents = intent_logits.float().softmax(-1)
    return sure * intents.gather(-1, decoded.intents.long().unsqueeze(-1)).squeeze(-1)
