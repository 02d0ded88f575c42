"""Prepares a decoder for the engine, and saves it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel

from massive_kit.data.task_data import TaskData
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.objectives import build_objective
from massive_kit.engine.recomputing import recompute_layers
from massive_kit.engine.session import Session
from massive_kit.engine.weight_fingerprint import fingerprint
from massive_kit.systems.causal.attention_checks import check_causal, check_packing
from massive_kit.systems.causal.batches import CausalBatches
from massive_kit.systems.causal.lora import with_adapters
from massive_kit.systems.causal.recipe import CausalRecipe
from massive_kit.systems.decoders.adapters import merge_adapter, save_adapter
from massive_kit.systems.decoders.loading import load_decoder, with_padding
from massive_kit.systems.decoders.precision import frozen_dtype
from massive_kit.systems.dev_scores import check_metric
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.saving import save_beside, save_model
from massive_kit.systems.text_answers.answer_checks import answer_tokenizer, check_answers
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.dev_set import TextDevSet
from massive_kit.systems.text_answers.labelled_texts import encode_split
from massive_kit.systems.text_answers.writer import BUDGET, Writer


@dataclass(frozen=True, slots=True)
class _Built:
    """A model that is ready to be trained.

    Attributes:
        model: The model, what is not trained marked.
        adapter: The configuration of its adapters; `None` where all weights are trained.
        base_mark: The fingerprint of the weights that the adapters stand beside.
    """

    model: PreTrainedModel
    adapter: Any = None
    base_mark: str = ""


def prepare(recipe: CausalRecipe, task_data: TaskData, session: Session) -> Preparation:
    """Writes the rows as text, builds the model, and says how it is scored and saved.

    Raises:
        TrainingError: The data have no intents to write.
        ConfigError: The recipe's format, tokenizer or base cannot say what the labels say.
    """
    check_answers(recipe, task_data)
    settings, inventory = recipe.model, task_data.store.inventory
    with session.first_process_first():
        tokenizer = with_padding(answer_tokenizer(recipe, task_data))
        coding = TextCoding(tokenizer, inventory, settings, settings.separator)
        train = encode_split(task_data.train, coding, rows=recipe.training.train_rows)
        dev = encode_split(task_data.dev, coding, rows=recipe.training.dev_rows)
    check_metric(dev, recipe.training.metric)
    build = partial(_built, recipe, tokenizer, session.precision)
    built = build()
    check_causal(built.model)
    if settings.packing is not None:
        check_packing(built.model)
    budget = recipe.training.eval_batch_tokens or BUDGET
    writer = Writer(built.model, coding, session.precision, goes_on=True, budget=budget)
    fit_inputs = FitInputs(
        model=built.model,
        batches=CausalBatches(train, coding.pad, settings.packing),
        lengths=train.lengths,
        objective=build_objective(recipe.objective),
        evaluation=Evaluation(TextDevSet.of(dev, writer, session).report, recipe.training.metric),
        length_key="model.max_input",
        rebuild=None if built.adapter is None else lambda: build().model,
    )
    facts = parameter_facts(built.model) | {"train_rows": len(train), "dev_rows": len(dev)}
    return Preparation(fit_inputs, _Saving(recipe, coding, built, facts))


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the fitted model: whole, or its adapters alone."""

    recipe: CausalRecipe
    coding: TextCoding
    built: _Built
    facts: Facts

    def __call__(self, model: PreTrainedModel, folder: Path) -> Facts:
        tokenizer, inventory = self.coding.tokenizer, self.coding.inventory
        if self.built.adapter is not None and not self.recipe.model.merge:
            write = partial(
                save_adapter,
                model=model,
                config=self.built.adapter,
                base_mark=self.built.base_mark,
            )
            save_beside(folder, write, tokenizer, inventory)
            return self.facts
        facts = self.facts
        if self.built.adapter is not None:
            merge_adapter(model)
            # What was trained has become a part of the rest.
            facts = parameter_facts(model) | {
                name: facts[name] for name in ("train_rows", "dev_rows", "trained_parameters")
            }
        save_model(folder, model, tokenizer, inventory)
        return facts


def _built(recipe: CausalRecipe, tokenizer: Any, precision: str) -> _Built:
    settings = recipe.model
    if settings.lora is None:
        built = _Built(load_decoder(settings, tokenizer))
    else:
        model = load_decoder(settings, tokenizer, frozen_dtype(precision))
        base_mark = fingerprint(model)
        built = _Built(model, with_adapters(model, settings), base_mark)
    if settings.gradient_checkpointing:
        recompute_layers(built.model, "model.gradient_checkpointing")
    return built
