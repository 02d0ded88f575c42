"""Prepares pre-training for the engine, and saves what it leaves."""

from __future__ import annotations

import numpy as np
from transformers import PreTrainedModel

from massive_kit.data.task_data import TaskData
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import TextObjective, reads, text_objective
from massive_kit.engine.session import Session
from massive_kit.engine.text_batches import TextBatches, copies_of
from massive_kit.engine.texts import Texts, encode_texts
from massive_kit.engine.tokenizers import settings_tokenizer
from massive_kit.errors import TrainingError
from massive_kit.systems.kind import Preparation
from massive_kit.systems.language_modelling.perplexity import PerplexityDevSet
from massive_kit.systems.language_modelling.trimmed_softmax import TrimmedSoftmax, trim
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.pretraining.aligning import prepare_aligned
from massive_kit.systems.pretraining.building import (
    build_model,
    decoder_loading,
    head_parameters,
    takes_up_head,
)
from massive_kit.systems.pretraining.recipe import PretrainingRecipe
from massive_kit.systems.pretraining.saving import PretrainedSaving, pulled


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
    if reads(recipe.objective.name) == "pairs":
        return prepare_aligned(recipe, task_data, session)
    with session.first_process_first():
        tokenizer = settings_tokenizer(settings, task_data.train, training.train_rows)
        if settings.architecture == "decoder":
            tokenizer = decoder_loading().with_padding(tokenizer)
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
    fresh = not takes_up_head(model, settings, tokenizer)
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
        batches=TextBatches(
            train,
            corrupter,
            training.seed,
            copies,
            placed=settings.architecture == "encoder",
        ),
        lengths=np.tile(lengths, copies),
        objective=pulled(recipe, learning.objective, model),
        evaluation=Evaluation(dev_set.report, learning.metric, greater_is_better=False),
        length_key="model.max_length",
        copies=copies,
        rate_factor=lambda name: recipe.optimiser.head_lr if name in head else 1.0,
        first_step=lambda name: 0 if name in head else head_steps,
    )
    return Preparation(fit_inputs, PretrainedSaving(trimmed, tokenizer, facts))


def _trimmed(
    model: PreTrainedModel, train: Texts, dev: Texts, learning: TextObjective
) -> TrimmedSoftmax:
    occurring = [learning.corrupter.special]
    for texts in (train, dev):
        occurring += [texts.alphabet, texts.special, np.unique(texts.subwords)]
    return trim(model, occurring, train.pad)
