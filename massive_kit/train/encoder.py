"""Trains the encoder family."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedModel

from massive_kit.data.splits import ResolvedSplit, ResolvedTask
from massive_kit.models.building import build_joint
from massive_kit.models.encoded import EncodedSet, encode_store
from massive_kit.models.inference import infer
from massive_kit.models.joint import JointModel
from massive_kit.models.run_folder import RunFolder
from massive_kit.models.saving import save_model
from massive_kit.models.trimming import restore, trim
from massive_kit.schema.recipe import EncoderRecipe, Training
from massive_kit.train.batching import EncodedRows, plan_batches
from massive_kit.train.dev_scores import DevTable, score_dev
from massive_kit.train.session import open_session, run_session
from massive_kit.train.tokenizers import recipe_tokenizer
from massive_kit.train.trainer import Course, Progress

_DEFAULT_BUDGET = 4096


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
    with session.arguments.main_process_first():
        tokenizer = recipe_tokenizer(recipe.model, resolved, recipe.training)
        train = _encoded(recipe, resolved, resolved.train, tokenizer, recipe.training.train_rows)
        dev = _encoded(recipe, resolved, resolved.dev, tokenizer, recipe.training.dev_rows)
    store = resolved.store
    model = build_joint(recipe.model, tokenizer, store.inventory, store.character_locales)
    parameters = sum(p.numel() for p in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    trimmed = None
    if recipe.model.trim_vocabulary and recipe.model.base and not session.sharded:
        trimmed = trim(model, (train, dev))
        train, dev = train.remapped(trimmed.table), dev.remapped(trimmed.table)
    rows = EncodedRows(train)
    world, rank = session.arguments.world_size, session.arguments.process_index

    def evaluate(current: PreTrainedModel) -> DevTable:
        assert isinstance(current, JointModel)
        return score_dev(dev, infer(current, dev, precision=session.precision))

    def make_course(training: Training) -> Course:
        budget = training.batch_tokens or (None if training.batch_rows else _DEFAULT_BUDGET)
        plan = plan_batches(
            train.lengths,
            epochs=training.epochs,
            seed=training.seed,
            tokens=budget,
            rows=training.batch_rows,
            rank=rank,
            world=world,
        )
        return Course(rows, plan, evaluate, recipe.optimiser, training, folder.log, progress)

    facts = run_session(session, model, make_course, folder, resume=resume)
    if facts is None:
        return None
    if trimmed is not None:
        model.to("cpu")
        restore(model, trimmed)
    save_model(folder.model, model, tokenizer, store.inventory)
    return facts | {
        "parameters": parameters,
        "trained_parameters": trained,
        "embedding_rows": None if trimmed is None else len(trimmed.kept),
        "train_rows": len(train),
        "dev_rows": len(dev),
        "truncated_rows": train.truncated + dev.truncated,
    }


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
