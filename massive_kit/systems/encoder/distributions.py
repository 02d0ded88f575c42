"""How likely an encoder holds each label, as logarithms of probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import places
from massive_kit.data.word_states import StatesAsked, WordStates
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.engine.transfers import Computed, Read, brought_back, moved, on_device
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.dataset import EncoderDataset
from massive_kit.systems.encoder.inference import IntentPrior, moved_logits
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel, JointOutput
from massive_kit.systems.encoder.label_offsets import RowOffsets
from massive_kit.systems.subwords.word_places import reached, shared_subwords, word_places


@torch.inference_mode()
def label_distributions(
    model: JointModel,
    data: EncoderDataset,
    *,
    budget: int,
    precision: str,
    prior: IntentPrior | None = None,
    shift: NDArray[np.float32] | None = None,
    offsets: RowOffsets | None = None,
    asked: StatesAsked | None = None,
    progress: Callable[[int], None] | None = None,
) -> LabelDistributions:
    """What a model says of utterances, each label for itself; arguments as in `inference.infer`.

    With `asked` the hidden states of each token, too, at the subword that speaks for it. `progress`
    is called with the number of utterances of each batch.

    Raises:
        ConfigError: The model has no such hidden states.
    """
    device = next(model.parameters()).device
    model.eval()
    config = model.config
    intents = np.zeros((len(data), len(config.intents)), np.float32)
    labels = np.zeros((len(data.positions), len(config.labels)), np.float32)
    layers = () if asked is None else layers_of(model.body.config, asked)
    states = None
    if asked is not None:
        states = np.zeros((len(data.positions), len(layers), asked.width), np.float16)
    order = np.argsort(data.lengths, kind="stable")

    def computed() -> Iterator[Computed]:
        for rows in length_batches(data.lengths, order, budget):
            batch = data.batch(rows)
            if shift is not None:
                batch["intent_shift"] = torch.from_numpy(shift[rows])
            with known_padding(batch):
                output = model(**on_device(batch, device), output_hidden_states=states is not None)
            words = moved(torch.from_numpy(word_places(data, rows)), device)
            logits = moved_logits(output, rows, prior, offsets)
            assert logits.slot_logits is not None
            made = [_logarithms(logits.slot_logits.flatten(0, 1)[words])]
            if states is not None:
                made.append(word_states(output, layers, words).half())
            if logits.intent_logits is not None:
                made.append(_logarithms(logits.intent_logits))
            yield Computed(rows, tuple(made))

    with autocast(device, precision):
        for read in _counted(brought_back(computed()), progress):
            flat = places(data.token_offsets, read.rows)
            labels[flat], *others = read.values
            if states is not None:
                states[flat], *others = others
            if others:
                (intents[read.rows],) = others
    kept = None if states is None else WordStates((states,))
    return LabelDistributions(
        intents, labels, data.token_offsets, reached(data), kept, shared_subwords(data)
    )


def _counted(batches: Iterable[Read], progress: Callable[[int], None] | None) -> Iterator[Read]:
    for batch in batches:
        yield batch
        if progress:
            progress(len(batch.rows))


def word_states(output: JointOutput, layers: Sequence[int], words: torch.Tensor) -> torch.Tensor:
    """The hidden states of some words after some layers: shape (words, layers, width).

    Args:
        output: Of a model that was asked for its hidden states.
        layers: Which, counted from 0.
        words: The place of each word in the batch, flat.
    """
    assert output.hidden_states is not None
    # The first of them are the embeddings.
    chosen = [output.hidden_states[layer + 1].flatten(0, 1)[words] for layer in layers]
    return torch.stack(chosen, 1)


def check_states(folder: Path, asked: StatesAsked) -> None:
    """Finds out whether the model in a folder has hidden states, of which no weight is read.

    Raises:
        ConfigError: It has no such hidden states.
    """
    layers_of(JointConfig.from_pretrained(folder).body_config(), asked)


def layers_of(config: PreTrainedConfig, asked: StatesAsked) -> tuple[int, ...]:
    """The layers whose hidden states are asked for, counted from 0.

    Args:
        config: Of the body that has them.
        asked: Which.

    Raises:
        ConfigError: It has no such hidden states.
    """
    count, width = int(config.num_hidden_layers), int(config.hidden_size)
    numbers = asked.numbers(count)
    problems = [
        Problem("recipe", f"hidden_layers names the teacher's layer {layer}", f"0 to {count - 1}")
        for layer in numbers
        if not 0 <= layer < count
    ]
    if width != asked.width:
        problems.append(
            Problem(
                "recipe",
                f"the teacher's hidden states are {width} wide, the student's {asked.width}",
                "the same width",
                "-o objective.auxiliary_settings.distillation.hidden=0",
            )
        )
    if problems:
        raise ConfigError("the teacher's hidden states do not fit", problems)
    return numbers


def _logarithms(logits: torch.Tensor) -> torch.Tensor:
    return logits.float().log_softmax(-1)
