"""Prepares an encoder that learns by pairs alone, without a head."""

from __future__ import annotations

from typing import Any

import numpy as np

from massive_kit.data.task_data import TaskData
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import Objective, build_objective
from massive_kit.engine.objectives.contrast import METRIC, Settings
from massive_kit.engine.pair_texts import PairBatches, encode_pairs
from massive_kit.engine.sentence_vectors import check_layer
from massive_kit.engine.session import Session
from massive_kit.engine.text_batches import copies_of
from massive_kit.engine.tokenizers import settings_tokenizer
from massive_kit.systems.alignment.aligned_encoder import (
    AlignedEncoder,
    AlignedEncoderConfig,
    RetrievalDevSet,
)
from massive_kit.systems.kind import Preparation
from massive_kit.systems.language_modelling.trimmed_softmax import trim
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.pretraining.building import build_body
from massive_kit.systems.pretraining.recipe import PretrainingRecipe
from massive_kit.systems.pretraining.saving import PretrainedSaving, pulled


def prepare_aligned(
    recipe: PretrainingRecipe, task_data: TaskData, session: Session
) -> Preparation:
    """Encodes the pairs, builds the encoder, and says how it is scored and saved.

    Dev text is paired as well; its ids need no share, since nothing is learnt of them.

    Raises:
        TrainingError: There are too few pairs.
        ConfigError: The recipe does not fit the base.
    """
    settings, training = recipe.model, recipe.training
    contrast = Settings.model_validate(recipe.objective.settings)
    parallel = task_data.parallel
    assert parallel is not None
    with session.first_process_first():
        tokenizer = settings_tokenizer(settings, task_data.train, training.train_rows)
        train, dev = (
            encode_pairs(
                split, parallel.pivot, tokenizer, max_length=settings.max_length, rows=rows
            )
            for split, rows in (
                (parallel.split, training.train_rows),
                (task_data.dev, training.dev_rows),
            )
        )
    body = build_body(settings, tokenizer)
    check_layer(contrast.layer, body, "objective.settings.layer")
    made = AlignedEncoderConfig(body=body.config.to_dict(), contrast=recipe.objective.settings)
    model = AlignedEncoder(made, body)
    facts: dict[str, Any] = parameter_facts(model)
    facts |= {"train_rows": len(train.texts), "dev_rows": len(dev.texts), "pair_ids": len(train)}
    trimmed = None
    if settings.trim_vocabulary:
        occurring = [np.unique(pairs.texts.subwords) for pairs in (train, dev)]
        trimmed = trim(model, [*occurring, train.texts.special], train.texts.pad)
        train, dev = train.remapped(trimmed.table), dev.remapped(trimmed.table)
        facts["embedding_rows"] = len(trimmed.kept)
    dev_set = RetrievalDevSet(dev, contrast.layer, session.precision)
    copies = copies_of(training.epochs, len(train))
    objective: Objective = build_objective(recipe.objective)
    fit_inputs = FitInputs(
        model=model,
        batches=PairBatches(train, training.seed, copies),
        lengths=np.tile(train.lengths, copies),
        objective=pulled(recipe, objective, model),
        evaluation=Evaluation(dev_set.report, METRIC),
        length_key="model.max_length",
        copies=copies,
    )
    return Preparation(fit_inputs, PretrainedSaving(trimmed, tokenizer, facts))
