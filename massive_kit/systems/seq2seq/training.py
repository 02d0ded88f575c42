"""Trains the text-to-text family."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import Rows, plan_batches
from massive_kit.engine.session import open_session, run_session
from massive_kit.engine.trainer import Course, Progress
from massive_kit.errors import TrainingError
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import Seq2SeqRecipe, Training
from massive_kit.systems.dev_scores import DevTable, score_dev
from massive_kit.systems.encoder.inference import Predicted
from massive_kit.systems.encoder.joint_building import (
    body_config,
    built,
    check_vocabulary,
    load_base,
)
from massive_kit.systems.recipe_tokenizer import recipe_tokenizer
from massive_kit.systems.saving import save_model
from massive_kit.systems.seq2seq.dataset import TextSet, encode_split
from massive_kit.systems.seq2seq.generation import Writer


class TextRows(Rows):
    """A set of texts, of which a data loader takes whole batches."""

    def __init__(self, data: TextSet) -> None:
        self.data = data
        # Encoder and decoder have positions of their own.
        both = (np.diff(data.input_offsets), np.diff(data.target_offsets))
        self.longest = int(max(one.max(initial=0) for one in both))

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        """One row as a batch of its own."""
        return self.data.batch(np.array([row]))

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """A batch."""
        return self.data.batch(rows)


def train_seq2seq(
    recipe: Seq2SeqRecipe,
    task_data: TaskData,
    folder: RunFolder,
    *,
    resume: bool,
    progress: Progress,
) -> dict[str, Any] | None:
    """Trains and saves the best model; returns the facts of the run, on the writing rank only.

    Raises:
        TrainingError: Weights should be sharded.
    """
    session = open_session(recipe.training, folder)
    if session.sharded:
        raise TrainingError(
            "encoder and decoder share their embeddings, which FSDP cannot shard;"
            " launch without --use_fsdp"
        )
    store = task_data.store

    def texts(split: DataSplit, rows: int | None) -> TextSet:
        return encode_split(
            split,
            tokenizer,
            recipe.model.format,
            max_input=recipe.model.max_input,
            rows=rows,
        )

    with session.arguments.main_process_first():
        tokenizer = recipe_tokenizer(recipe.model, task_data, recipe.training)
        train = texts(task_data.train, recipe.training.train_rows)
        dev = texts(task_data.dev, recipe.training.dev_rows)
    share = session.dev_share(np.diff(dev.target_offsets), dev.token_offsets)
    own = dev.taken(share.rows)
    model = _build(recipe, tokenizer)
    writer = Writer(model, tokenizer, store.inventory, recipe.model, session.precision)

    def evaluate(current: PreTrainedModel) -> DevTable:
        del current
        return score_dev(dev, share.joined(_predicted(writer, own)))

    rows = TextRows(train)

    def make_course(training: Training) -> Course:
        plan = plan_batches(
            train.lengths,
            epochs=training.epochs,
            seed=training.seed,
            tokens=training.token_budget,
            rows=training.batch_rows,
            rank=session.arguments.process_index,
            world=session.arguments.world_size,
        )
        return Course(rows, plan, evaluate, recipe.optimiser, training, folder.log, progress)

    done = run_session(session, model, make_course, folder, resume=resume)
    if done is None:
        return None
    model = done.model
    save_model(folder.model, model, tokenizer, store.inventory)
    return done.facts | {
        "parameters": sum(p.numel() for p in model.parameters()),
        "trained_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "train_rows": len(train),
        "dev_rows": len(dev),
    }


def _build(recipe: Seq2SeqRecipe, tokenizer: Any) -> PreTrainedModel:
    config = body_config(recipe.model, tokenizer)
    if recipe.model.base is None:
        config.decoder_start_token_id = tokenizer.pad_token_id
        model = built(AutoModelForSeq2SeqLM.from_config, config)
    else:
        model = load_base(AutoModelForSeq2SeqLM.from_pretrained, recipe.model, config)
    check_vocabulary(model, tokenizer)
    return model


def _predicted(writer: Writer, dev: TextSet) -> Predicted:
    index = writer.inventory
    intents = np.full(len(dev), -1, np.int32)
    labels = np.zeros(len(dev.labels), np.int16)
    for i, answer in enumerate(writer.answers(dev.tokens)):
        if answer is not None:
            intents[i] = index.intent_index[answer.intent]
            row = [index.label_index[label] for label in answer.labels]
            labels[dev.token_offsets[i] : dev.token_offsets[i + 1]] = row
    return Predicted(intents, labels)
