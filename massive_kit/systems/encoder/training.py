"""Trains the encoder family."""

from __future__ import annotations

import math
from typing import Any

from transformers import PreTrainedModel

from massive_kit.data.task_data import ResolvedSplit, ResolvedTask
from massive_kit.engine.batches import EncodedRows, plan_batches
from massive_kit.engine.session import open_session, run_session
from massive_kit.engine.trainer import Course, Progress
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import EncoderRecipe, Training
from massive_kit.systems.dev_scores import DevTable, score_dev
from massive_kit.systems.encoder.dataset import EncodedSet, encode_drawn, encode_store
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
    resolved: ResolvedTask,
    folder: RunFolder,
    *,
    resume: bool,
    progress: Progress,
) -> dict[str, Any] | None:
    """Trains and saves the best model; returns the facts of the run, on the writing rank only."""
    session = open_session(recipe.training, folder)
    copies = _copies(recipe, resolved)
    with session.arguments.main_process_first():
        tokenizer = recipe_tokenizer(recipe.model, resolved, recipe.training)
        train = _train_rows(recipe, resolved, tokenizer, copies)
        dev = _encoded(recipe, resolved, resolved.dev, tokenizer, recipe.training.dev_rows)
    store = resolved.store
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


def _copies(recipe: EncoderRecipe, resolved: ResolvedTask) -> int:
    """How often the training rows are cut into pieces."""
    if not recipe.model.subword_sampling:
        return 1
    rows = resolved.store.rows(resolved.train.partition, resolved.train.locales)
    return max(1, min(math.ceil(recipe.training.epochs), _MOST_COPIES, _MOST_ROWS // rows))


def _train_rows(
    recipe: EncoderRecipe, resolved: ResolvedTask, tokenizer: Any, copies: int
) -> EncodedSet:
    if not recipe.model.subword_sampling:
        return _encoded(recipe, resolved, resolved.train, tokenizer, recipe.training.train_rows)
    return encode_drawn(
        resolved.store,
        resolved.train.partition,
        resolved.train.locales,
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
    resolved: ResolvedTask,
    split: ResolvedSplit,
    tokenizer: Any,
    rows: int | None,
) -> EncodedSet:
    return encode_store(
        resolved.store,
        split.partition,
        split.locales,
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
        rows=rows,
    )
