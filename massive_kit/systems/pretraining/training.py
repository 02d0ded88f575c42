"""Prepares pre-training for the engine, and saves what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedModel

from massive_kit.data.task_data import TaskData
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import Objective, TextObjective, text_objective
from massive_kit.engine.pull import PulledObjective
from massive_kit.engine.session import Session
from massive_kit.engine.text_batches import TextBatches, copies_of
from massive_kit.engine.texts import Texts, encode_texts
from massive_kit.engine.tokenizers import settings_tokenizer
from massive_kit.errors import TrainingError
from massive_kit.files.atomic import atomic_folder
from massive_kit.systems.decoders.loading import with_padding
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.language_modelling.language_encoder import LanguageEncoder
from massive_kit.systems.language_modelling.perplexity import PerplexityDevSet
from massive_kit.systems.language_modelling.trimmed_softmax import TrimmedSoftmax, restore, trim
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.pretraining.building import build_model, head_parameters, takes_up_head
from massive_kit.systems.pretraining.recipe import PretrainingRecipe


def prepare(recipe: PretrainingRecipe, task_data: TaskData, session: Session) -> Preparation:
    """Encodes the text, builds the model, and says how it is scored and saved.

    Raises:
        TrainingError: Weights should be sharded, or there is no text.
        ConfigError: The recipe does not fit the base.
    """
    settings, training = recipe.model, recipe.training
    if session.sharded:
        raise TrainingError(
            "what is read and what is told share their embeddings, which FSDP cannot shard;"
            " launch without --use_fsdp"
        )
    with session.first_process_first():
        tokenizer = settings_tokenizer(settings, task_data.train, training.train_rows)
        if settings.architecture == "decoder":
            tokenizer = with_padding(tokenizer)
        learning = text_objective(recipe.objective, tokenizer, settings.architecture)
        train, dev = (
            encode_texts(split, tokenizer, max_length=settings.max_length, rows=rows)
            for split, rows in (
                (task_data.train, training.train_rows),
                (task_data.dev, training.dev_rows),
            )
        )
    if not len(train.alphabet) or not len(dev.alphabet):
        raise TrainingError(f"{task_data.train.store.name} has no text to learn from")
    model = build_model(settings, tokenizer, learning.classes)
    fresh = not takes_up_head(model, settings)
    facts = parameter_facts(model) | {"train_rows": len(train), "dev_rows": len(dev)}
    trimmed = None
    if settings.trim_vocabulary:
        trimmed = _trimmed(model, train, dev, learning)
        train, dev = train.remapped(trimmed.table), dev.remapped(trimmed.table)
        facts["embedding_rows"] = len(trimmed.kept)
    corrupter = learning.corrupter
    if trimmed is not None:
        corrupter = corrupter.remapped(trimmed.table)
    dev_set = PerplexityDevSet.of(
        dev, corrupter, session, architecture=settings.architecture, metric=learning.metric
    )
    copies = copies_of(training.epochs, len(train))
    # A text-to-text model reads and says about as much.
    lengths = train.lengths * (2 if settings.architecture == "seq2seq" else 1)
    head = head_parameters(model)
    head_steps = recipe.optimiser.head_steps if fresh else 0
    if head:
        facts["head"] = "fresh" if fresh else "of the base"
    fit_inputs = FitInputs(
        model=model,
        batches=TextBatches(train, corrupter, training.seed, copies),
        lengths=np.tile(lengths, copies),
        objective=_objective(recipe, learning, model),
        evaluation=Evaluation(dev_set.report, learning.metric, greater_is_better=False),
        length_key="model.max_length",
        copies=copies,
        rate_factor=lambda name: recipe.optimiser.head_lr if name in head else 1.0,
        first_step=lambda name: 0 if name in head else head_steps,
    )
    return Preparation(fit_inputs, _Saving(trimmed, tokenizer, facts))


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the fitted model with its whole vocabulary; of an encoder, body and head apart."""

    trimmed: TrimmedSoftmax | None
    tokenizer: Any
    facts: Facts

    def __call__(self, model: PreTrainedModel, folder: Path) -> Facts:
        if self.trimmed is not None:
            restore(model.to("cpu"), self.trimmed)
        with atomic_folder(folder) as new:
            if isinstance(model, LanguageEncoder):
                model.body.save_pretrained(new)
                model.head.save(new)
            else:
                model.save_pretrained(new)
            self.tokenizer.save_pretrained(new)
            # Weights are saved as a private file, the others as anybody's.
            mode = (new / "config.json").stat().st_mode
            for path in new.iterdir():
                path.chmod(mode)
        return self.facts


def _objective(
    recipe: PretrainingRecipe, learning: TextObjective, model: PreTrainedModel
) -> Objective:
    if not recipe.optimiser.pull:
        return learning.objective
    head = head_parameters(model)
    pulled = {
        name: parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and name not in head
    }
    return PulledObjective(learning.objective, recipe.optimiser.pull, pulled)


def _trimmed(
    model: PreTrainedModel, train: Texts, dev: Texts, learning: TextObjective
) -> TrimmedSoftmax:
    occurring = [learning.corrupter.special]
    for texts in (train, dev):
        occurring += [texts.alphabet, texts.special, np.unique(texts.subwords)]
    return trim(model, occurring, train.pad)
