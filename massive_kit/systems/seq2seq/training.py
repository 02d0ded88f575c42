"""Prepares a text-to-text model for the engine, and saves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.data.inventory import Inventory
from massive_kit.data.task_data import TaskData
from massive_kit.engine.base_models import base_config, check_vocabulary, load_base, new_model
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import build_objective
from massive_kit.engine.session import Session
from massive_kit.errors import TrainingError
from massive_kit.systems.dev_scores import check_metric
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.saving import save_model
from massive_kit.systems.seq2seq.batches import Seq2SeqBatches
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe
from massive_kit.systems.text_answers.answer_checks import answer_tokenizer, check_answers
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.dev_set import TextDevSet
from massive_kit.systems.text_answers.labelled_texts import encode_split
from massive_kit.systems.text_answers.writer import BUDGET, Writer


def prepare(recipe: Seq2SeqRecipe, task_data: TaskData, session: Session) -> Preparation:
    """Writes the rows as text, builds the model, and says how it is scored and saved.

    Raises:
        TrainingError: Weights should be sharded, or the data have no intents to write.
        ConfigError: The recipe's format or tokenizer cannot say what the labels say.
    """
    check_answers(recipe, task_data)
    if session.sharded:
        raise TrainingError(
            "encoder and decoder share their embeddings, which FSDP cannot shard;"
            " launch without --use_fsdp"
        )
    inventory = task_data.store.inventory
    with session.first_process_first():
        coding = TextCoding(answer_tokenizer(recipe, task_data), inventory, recipe.model)
        train = encode_split(task_data.train, coding, rows=recipe.training.train_rows)
        dev = encode_split(task_data.dev, coding, rows=recipe.training.dev_rows)
    check_metric(dev, recipe.training.metric)
    model = _build(recipe, coding.tokenizer)
    budget = recipe.training.eval_batch_tokens or BUDGET
    writer = Writer(model, coding, session.precision, budget=budget)
    dev_set = TextDevSet.of(dev, writer, session)
    fit_inputs = FitInputs(
        model=model,
        batches=Seq2SeqBatches(train, coding.pad),
        lengths=train.lengths,
        objective=build_objective(recipe.objective),
        evaluation=Evaluation(dev_set.report, recipe.training.metric),
        length_key="model.max_input",
    )
    facts = parameter_facts(model) | {"train_rows": len(train), "dev_rows": len(dev)}
    return Preparation(fit_inputs, _Saving(coding.tokenizer, inventory, facts))


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
