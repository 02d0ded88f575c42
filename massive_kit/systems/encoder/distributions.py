"""How likely an encoder holds each label, as logarithms of probabilities."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import places
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.inference import IntentPrior
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.word_places import reached, word_places


@torch.inference_mode()
def label_distributions(
    model: JointModel,
    data: EncoderDataset,
    *,
    budget: int,
    precision: str,
    prior: IntentPrior | None = None,
    shift: NDArray[np.float32] | None = None,
) -> LabelDistributions:
    """What a model says of utterances, each label for itself; arguments as in `inference.infer`."""
    device = next(model.parameters()).device
    model.eval()
    config = model.config
    intents = np.zeros((len(data), len(config.intents)), np.float16)
    labels = np.zeros((len(data.positions), len(config.labels)), np.float16)
    order = np.argsort(data.lengths, kind="stable")
    with autocast(device, precision):
        for rows in length_batches(data.lengths, order, budget):
            batch = {name: value.to(device) for name, value in data.batch(rows).items()}
            if shift is not None:
                batch["intent_shift"] = torch.from_numpy(shift[rows]).to(device)
            output = model(**batch)
            if (logits := output.intent_logits) is not None:
                mixed = logits if prior is None else prior.mixed(logits, rows)
                intents[rows] = _as_kept(mixed)
            words = torch.from_numpy(word_places(data, rows)).to(device)
            word_logits = output.slot_logits.flatten(0, 1)[words]
            labels[places(data.token_offsets, rows)] = _as_kept(word_logits)
    return LabelDistributions(intents, labels, data.token_offsets, reached(data))


def _as_kept(logits: torch.Tensor) -> NDArray[np.float16]:
    kept: NDArray[np.float16] = logits.float().log_softmax(-1).half().cpu().numpy()
    return kept
