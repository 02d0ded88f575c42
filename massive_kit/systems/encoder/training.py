"""Trains the encoder family."""

from __future__ import annotations

import math
from typing import Any

from transformers import PreTrainedModel

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import EncodedRows, plan_batches
from massive_kit.engine.session import open_session, run_session
from massive_kit.engine.trainer import Course, Progress
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import EncoderRecipe, Training
from massive_kit.systems.dev_scores import DevTable, score_dev
from massive_kit.systems.encoder.dataset import EncodedSet, encode_sampled, encode_split
from massive_kit.systems.encoder.inference import infer
from massive_kit.systems.encoder.joint_building import build_joint, check_lengths
from massive_kit.systems.encoder.joint_decoding import labels_of_intents
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.vocabulary_trimming import restore, trim
from massive_kit.systems.recipe_tokenizer import recipe_tokenizer
from massive_kit.systems.saving import save_model

# Epochs behind so many take the same segmentations again: memory holds all copies.
_MOST_COPIES = 32
_MOST_ROWS = 8_000_000


def train_encoder(
    recipe: EncoderRecipe,
    task_data: TaskData,
    folder: RunFolder,
    *,
    resume: bool,
    progress: Progress,
) -> dict[str, Any] | None:
    """Trains and saves the best model; returns the facts of the run, on the writing rank only."""
    session = open_session(recipe.training, folder)
    copies = _copies(recipe, task_data)
    with session.arguments.main_process_first():
        tokenizer = recipe_tokenizer(recipe.model, task_data, recipe.training)
        train = _train_rows(recipe, task_data, tokenizer, copies)
        dev = _encoded(recipe, task_data.dev, tokenizer, recipe.training.dev_rows)
    store = task_data.store
    model = build_joint(recipe.model, tokenizer, store.inventory, store.character_locales)
    check_lengths(model, int(dev.lengths.max(initial=0)))
    if recipe.model.joint_decoding:
        model.config.allowed_labels = labels_of_intents(train, len(store.inventory.intents))
    parameters = sum(p.numel() for p in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    trimmed = None
    if recipe.model.trim_vocabulary and recipe.model.base and not session.sharded:
        trimmed = trim(model, (train, dev))
        train, dev = train.remapped(trimmed.table), dev.remapped(trimmed.table)
    rows = EncodedRows(train, every_piece=recipe.model.label_pieces == "all")
    world, rank = session.arguments.world_size, session.arguments.process_index
    share = session.dev_share(dev.lengths, dev.token_offsets)
    own = dev.taken(share.rows)

    def evaluate(current: PreTrainedModel) -> DevTable:
        assert isinstance(current, JointModel)
        return score_dev(dev, share.joined(infer(current, own, precision=session.precision)))

    def make_course(training: Training) -> Course:
        plan = plan_batches(
            train.lengths,
            epochs=training.epochs,
            seed=training.seed,
            tokens=training.token_budget,
            rows=training.batch_rows,
            rank=rank,
            world=world,
            copies=copies,
        )
        return Course(rows, plan, evaluate, recipe.optimiser, training, folder.log, progress)

    done = run_session(session, model, make_course, folder, resume=resume)
    if done is None:
        return None
    if trimmed is not None:
        model.to("cpu")
        restore(model, trimmed)
    save_model(folder.model, done.model, tokenizer, store.inventory)
    return done.facts | {
        "parameters": parameters,
        "trained_parameters": trained,
        "embedding_rows": None if trimmed is None else len(trimmed.kept),
        "train_rows": len(train) // copies,
        "dev_rows": len(dev),
        "truncated_rows": train.truncated // copies + dev.truncated,
    }


def _copies(recipe: EncoderRecipe, task_data: TaskData) -> int:
    """How often the training rows are cut into pieces."""
    if not recipe.model.subword_sampling:
        return 1
    return max(
        1,
        min(math.ceil(recipe.training.epochs), _MOST_COPIES, _MOST_ROWS // task_data.train.rows),
    )


def _train_rows(
    recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, copies: int
) -> EncodedSet:
    if not recipe.model.subword_sampling:
        return _encoded(recipe, task_data.train, tokenizer, recipe.training.train_rows)
    return encode_sampled(
        task_data.train,
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
        smoothing=recipe.model.subword_sampling,
        copies=copies,
        seed=recipe.training.seed,
        rows=recipe.training.train_rows,
    )


def _encoded(
    recipe: EncoderRecipe,
    split: DataSplit,
    tokenizer: Any,
    rows: int | None,
) -> EncodedSet:
    return encode_split(
        split,
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
        rows=rows,
    )
