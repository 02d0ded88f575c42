"""Prepares a text-to-text model for the engine, and saves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.data.inventory import Inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.base_models import base_config, check_vocabulary, load_base, new_model
from massive_kit.engine.distributed_dev import DevShare, RowValues
from massive_kit.engine.evaluation import DevReport, Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import build_objective
from massive_kit.engine.session import Session
from massive_kit.errors import TrainingError
from massive_kit.systems.dev_scores import check_metric, score_dev
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.saving import save_model
from massive_kit.systems.seq2seq.answer_checks import answer_tokenizer, check_format
from massive_kit.systems.seq2seq.dataset import Seq2SeqBatches, Seq2SeqDataset, encode_split
from massive_kit.systems.seq2seq.generation import Writer
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe


def prepare(recipe: Seq2SeqRecipe, task_data: TaskData, session: Session) -> Preparation:
    """Writes the rows as text, builds the model, and says how it is scored and saved.

    Raises:
        TrainingError: Weights should be sharded, or the data have no intents to write.
        ConfigError: The recipe's format or tokenizer cannot say what the labels say.
    """
    if not task_data.store.inventory.intents:
        raise TrainingError(
            f"a text-to-text system writes an intent for each utterance, and {task_data.store.name}"
            " has none; train an encoder"
        )
    if session.sharded:
        raise TrainingError(
            "encoder and decoder share their embeddings, which FSDP cannot shard;"
            " launch without --use_fsdp"
        )

    check_format(recipe, task_data)

    def encoded(split: DataSplit, rows: int | None) -> Seq2SeqDataset:
        settings = recipe.model
        return encode_split(
            split, tokenizer, settings.format, max_input=settings.max_input, rows=rows
        )

    with session.first_process_first():
        tokenizer = answer_tokenizer(recipe, task_data)
        train = encoded(task_data.train, recipe.training.train_rows)
        dev = encoded(task_data.dev, recipe.training.dev_rows)
    check_metric(dev, recipe.training.metric)
    inventory = task_data.store.inventory
    model = _build(recipe, tokenizer)
    share = session.dev_share(np.diff(dev.target_offsets), dev.token_offsets)
    writer = Writer(model, tokenizer, inventory, recipe.model, session.precision)
    dev_set = _DevSet(dev, dev.taken(share.rows), share, inventory, writer)
    fit_inputs = FitInputs(
        model=model,
        batches=Seq2SeqBatches(train),
        lengths=train.lengths,
        objective=build_objective(recipe.objective),
        evaluation=Evaluation(dev_set.report, recipe.training.metric),
        length_key="model.max_input",
    )
    facts = parameter_facts(model) | {"train_rows": len(train), "dev_rows": len(dev)}
    return Preparation(fit_inputs, _Saving(tokenizer, inventory, facts))


@dataclass(frozen=True, slots=True)
class _DevSet:
    """The dev set, and what of it this process predicts."""

    whole: Seq2SeqDataset
    share_rows: Seq2SeqDataset
    share: DevShare
    inventory: Inventory
    writer: Writer

    def report(self, model: PreTrainedModel) -> DevReport:
        # The writer holds the same model.
        del model
        values = self.share.joined(_predicted(self.writer, self.share_rows))
        return score_dev(self.whole, PredictedLabels(values.per_row, values.ragged), self.inventory)


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the fitted model."""

    tokenizer: Any
    inventory: Inventory
    facts: Facts

    def __call__(self, model: PreTrainedModel, folder: Path) -> Facts:
        save_model(folder, model, self.tokenizer, self.inventory)
        return self.facts


def _build(recipe: Seq2SeqRecipe, tokenizer: Any) -> PreTrainedModel:
    config = base_config(recipe.model, tokenizer)
    if recipe.model.base is None:
        config.decoder_start_token_id = tokenizer.pad_token_id
        model = new_model(AutoModelForSeq2SeqLM.from_config, config)
    else:
        model = load_base(AutoModelForSeq2SeqLM.from_pretrained, recipe.model, config)
    check_vocabulary(model, tokenizer)
    return model


def _predicted(writer: Writer, dev: Seq2SeqDataset) -> RowValues:
    inventory = writer.inventory
    intents = np.full(len(dev), -1, np.int32)
    labels = np.zeros(len(dev.labels), np.int16)
    for i, answer in enumerate(writer.answers(dev.tokens)):
        if answer is not None:
            intents[i] = inventory.intent_index[answer.intent]
            row_labels = [inventory.label_index[label] for label in answer.labels]
            labels[dev.token_offsets[i] : dev.token_offsets[i + 1]] = row_labels
    return RowValues(intents, labels)
