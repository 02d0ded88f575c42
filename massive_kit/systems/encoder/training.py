"""Prepares an encoder with joint heads for the engine, and saves it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel

from massive_kit.data.confidences import row_confidences
from massive_kit.data.inventory import Inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.distributed_dev import DevShare, RowValues
from massive_kit.engine.evaluation import DevReport, Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import build_objective
from massive_kit.engine.observer import TextObserver
from massive_kit.engine.packed_rows import check_packing
from massive_kit.engine.session import Session
from massive_kit.engine.tokenizers import settings_tokenizer
from massive_kit.errors import TrainingError
from massive_kit.systems.alignment.auxiliary import Auxiliary
from massive_kit.systems.dev_scores import check_metric, score_dev
from massive_kit.systems.encoder.dataset import (
    EncoderBatches,
    EncoderDataset,
    encode_sampled,
    encode_split,
)
from massive_kit.systems.encoder.fitted_parts import fitted_parts
from massive_kit.systems.encoder.inference import BUDGET, infer
from massive_kit.systems.encoder.intent_centring import CentringTexts
from massive_kit.systems.encoder.joint_building import build_joint
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.label_rates import PreparedRates
from massive_kit.systems.encoder.labels_of_intents import labels_of_intents
from massive_kit.systems.encoder.learning_rates import rate_factor
from massive_kit.systems.encoder.neighbour_weight import PreparedNeighbours
from massive_kit.systems.encoder.packing import PackedEncoderBatches
from massive_kit.systems.encoder.recipe import EncoderModel, EncoderRecipe
from massive_kit.systems.encoder.saved_vocabulary import (
    SavedVocabulary,
    read_full_ids,
    write_full_ids,
)
from massive_kit.systems.encoder.soft_targets import CONSISTENCY, SoftTargets
from massive_kit.systems.encoder.subword_sampling import CutSampling
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.teacher_outputs import without_foreign_labels
from massive_kit.systems.encoder.transitions import LabelTransitions
from massive_kit.systems.encoder.vocabulary_trimming import TrimmedVocabulary, restore, trim
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.predicted_labels import PredictedLabels
from massive_kit.systems.saving import save_beside
from massive_kit.systems.subwords.placement import Placement

# After so many epochs the same segmentations come again: memory holds all copies.
_MOST_COPIES = 32
_MOST_ROWS = 8_000_000


def prepare(recipe: EncoderRecipe, task_data: TaskData, session: Session) -> Preparation:
    """Encodes the rows, builds the model, and says how it is scored and saved."""
    copies = _copies(recipe, task_data)
    with session.first_process_first():
        tokenizer = settings_tokenizer(recipe.model, task_data.train, recipe.training.train_rows)
        vocabulary = SavedVocabulary.of(recipe, task_data, tokenizer)
        tokenizer = tokenizer if vocabulary is None else vocabulary.tokenizer
        beside = _beside(recipe, task_data, tokenizer, session)
        train = _train_rows(recipe, task_data, tokenizer, copies)
        train = without_foreign_labels(recipe, task_data, train)
        dev = _encoded(recipe, task_data.dev, tokenizer, recipe.training.dev_rows)
    check_metric(dev, recipe.training.metric)
    inventory = task_data.store.inventory
    model = build_joint(
        recipe.model,
        tokenizer,
        inventory,
        task_data.store.character_locales,
        kept=None if vocabulary is None else vocabulary.kept,
        grown=beside is not None,
    )
    with session.first_process_first():
        soft = SoftTargets.of(recipe, task_data, tokenizer, copies, model.body.config)
    model.config.allowed_labels = (
        labels_of_intents(train, inventory, model.config.allowed_labels)
        if recipe.model.joint_decoding
        else None
    )
    facts = parameter_facts(model) | {
        "train_rows": len(train) // copies,
        "dev_rows": len(dev),
        "truncated_rows": train.truncated // copies + dev.truncated,
    }
    if vocabulary is not None:
        facts |= vocabulary.facts(dev)
    trimmed = None
    if recipe.model.trim_vocabulary and recipe.model.base and not session.sharded:
        more = () if beside is None else beside.texts
        cuts = () if soft is None else soft.sets
        trimmed = trim(model, (train, dev, *more, *cuts))
        train, dev = train.remapped(trimmed.table), dev.remapped(trimmed.table)
        beside = None if beside is None else beside.remapped(trimmed.table)
        soft = None if soft is None else soft.remapped(trimmed.table)
    facts["embedding_rows"] = None if trimmed is None else len(trimmed.kept)
    share = session.dev_share(dev.lengths, dev.token_offsets)
    weights = _weights(recipe, task_data, copies)
    batches: BatchDataset = _labelled(recipe.model, model, train, inventory, weights)
    if beside is not None:
        facts |= beside.facts
        embedding = model.get_input_embeddings()
        # Trimmed embeddings have a row more, which stands for no subword.
        rows = len(embedding.weight) if trimmed is None else len(trimmed.kept)
        model.auxiliary = beside.losses(model.body, embedding, rows)
        batches = beside.beside(batches, recipe.training.seed)
    if soft is not None:
        facts |= soft.facts
        model.soft_losses = soft.losses()
        batches = soft.beside(batches, train)
    names = [name for name, _ in model.named_parameters()]
    fit_inputs = FitInputs(
        model=model,
        batches=batches,
        lengths=train.lengths,
        objective=build_objective(recipe.objective),
        evaluation=_DevSet(
            dev,
            dev.taken(share.rows),
            share,
            inventory,
            session.precision,
            recipe.training.eval_batch_tokens or BUDGET,
        ).evaluation(recipe),
        length_key="model.max_length",
        packing=recipe.model.packing,
        copies=copies,
        rate_factor=rate_factor(names, recipe.optimiser),
    )
    neighbours = PreparedNeighbours.of(recipe, task_data, dev, session.precision)
    centring = CentringTexts.of(recipe, task_data, tokenizer, session.precision)
    rates = PreparedRates.of(recipe, task_data)
    transitions = LabelTransitions.of(recipe, task_data)
    return Preparation(
        fit_inputs,
        _Saving(
            model,
            trimmed,
            tokenizer,
            inventory,
            facts,
            neighbours,
            centring,
            rates,
            transitions,
            session.precision,
            recipe.model.placement,
            recipe.training.eval_batch_tokens or BUDGET,
            _full_ids(recipe, vocabulary),
            session.observer,
        ),
    )


@dataclass(frozen=True, slots=True)
class _DevSet:
    """The dev set, and what of it this process predicts."""

    whole: EncoderDataset
    share_rows: EncoderDataset
    share: DevShare
    inventory: Inventory
    precision: str
    budget: int

    def evaluation(self, recipe: EncoderRecipe) -> Evaluation:
        return Evaluation(self.report, recipe.training.metric)

    def report(self, model: PreTrainedModel) -> DevReport:
        assert isinstance(model, JointModel)
        predicted = infer(
            model,
            self.share_rows,
            self.inventory,
            budget=self.budget,
            precision=self.precision,
        )
        values = self.share.joined(RowValues(predicted.intents, predicted.labels))
        return score_dev(self.whole, PredictedLabels(values.per_row, values.ragged), self.inventory)


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the fitted model with all rows that it was built with."""

    built: JointModel
    trimmed: TrimmedVocabulary | None
    tokenizer: Any
    inventory: Inventory
    facts: Facts
    neighbours: PreparedNeighbours | None
    centring: CentringTexts | None
    rates: PreparedRates | None
    transitions: LabelTransitions | None
    precision: str
    placement: Placement
    budget: int
    full_ids: NDArray[np.int32] | None
    observer: TextObserver

    def __call__(self, model: PreTrainedModel, folder: Path) -> Facts:
        assert isinstance(model, JointModel)
        # Before the vocabulary is whole again, since the dev set is cut to the trimmed one.
        neighbours = None if self.neighbours is None else self.neighbours.weighed(model)
        if self.trimmed is not None:
            self.built.to("cpu")
            restore(self.built, self.trimmed)
        model.auxiliary = model.soft_losses = None
        system = EncoderSystem(
            model,
            self.tokenizer,
            self.inventory,
            self.precision,
            self.placement,
            self.budget,
        )
        parts = fitted_parts(
            system, neighbours, self.centring, self.rates, self.transitions, self.observer
        )

        def write(new: Path) -> None:
            model.save_pretrained(new)
            parts.save(new)
            if self.full_ids is not None:
                write_full_ids(new, self.full_ids)

        save_beside(folder, write, self.tokenizer, self.inventory)
        return parts.added_to(self.facts)


def _full_ids(
    recipe: EncoderRecipe, vocabulary: SavedVocabulary | None
) -> NDArray[np.int32] | None:
    """The ids that a model's subwords have where the vocabulary is whole, if its own is not."""
    if vocabulary is not None:
        return vocabulary.full_ids
    settings = recipe.model
    # A base may be trimmed, and keeps its tokenizer unless another is named.
    own = settings.base is not None and settings.tokenizer is None
    return read_full_ids(Path(settings.base)) if own and settings.base else None


def _beside(
    recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, session: Session
) -> Auxiliary | None:
    """What is learnt beside the task; `None` where nothing is.

    Raises:
        TrainingError: Weights should be sharded.
    """
    if recipe.objective.auxiliary and session.sharded:
        raise TrainingError(
            "what is learnt besides shares the embeddings, which FSDP cannot shard;"
            " launch without --use_fsdp, or with -o objective.auxiliary={}"
        )
    return Auxiliary.of(
        recipe.objective,
        task_data,
        tokenizer,
        locales=recipe.text_locales(),
        max_length=recipe.model.max_length,
        rows=recipe.training.train_rows,
    )


def _copies(recipe: EncoderRecipe, task_data: TaskData) -> int:
    """How often the training rows are segmented, or read anew beside another cut of them."""
    if not recipe.model.subword_sampling and CONSISTENCY not in recipe.objective.auxiliary:
        return 1
    epochs = math.ceil(recipe.training.epochs)
    return max(1, min(epochs, _MOST_COPIES, _MOST_ROWS // task_data.train.rows))


def _weights(recipe: EncoderRecipe, task_data: TaskData, copies: int) -> NDArray[np.float32] | None:
    """How much the labels of each row count; `None` where all count alike."""
    if recipe.objective.confidences == "ignored":
        return None
    return np.tile(row_confidences(task_data.train, recipe.training.train_rows), copies)


def _labelled(
    settings: EncoderModel,
    model: JointModel,
    train: EncoderDataset,
    inventory: Inventory,
    weights: NDArray[np.float32] | None,
) -> EncoderBatches:
    """The labelled rows as batches.

    Raises:
        ConfigError: They should be packed, and the model or their length is in the way.
    """
    # Only the subword that speaks for a token may begin a span: what goes on in its word is inside.
    further = inventory.continued(train.labels) if settings.label_pieces == "all" else None
    if settings.packing is None:
        return EncoderBatches(train, further, weights)
    check_packing(model.body, int(train.lengths.max(initial=0)), settings.packing)
    return PackedEncoderBatches(train, settings.packing, further, weights)


def _train_rows(
    recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, copies: int
) -> EncoderDataset:
    if not recipe.model.subword_sampling:
        rows = _encoded(recipe, task_data.train, tokenizer, recipe.training.train_rows)
        return rows.repeated(copies)
    return encode_sampled(
        task_data.train,
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
        sampling=CutSampling(recipe.model.subword_sampling, recipe.training.seed),
        copies=copies,
        rows=recipe.training.train_rows,
    )


def _encoded(
    recipe: EncoderRecipe, split: DataSplit, tokenizer: Any, rows: int | None
) -> EncoderDataset:
    return encode_split(
        split,
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
        rows=rows,
    )
