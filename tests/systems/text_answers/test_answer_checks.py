"""A format or tokenizer that cannot say what the labels say is refused before training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.errors import ConfigError, TrainingError
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.seq2seq.recipe import Seq2SeqRecipe
from massive_kit.systems.text_answers.answer_checks import (
    answer_tokenizer,
    check_answers,
    check_format,
)
from massive_kit.systems.text_answers.answer_grammar import item_encoder, written_alike
from massive_kit.systems.text_answers.coding import TextCoding
from massive_kit.systems.text_answers.labelled_texts import encode_split
from massive_kit.systems.text_answers.verbaliser import Verbaliser


def recipe_of(inside: str, tokenizer: Any = None) -> Seq2SeqRecipe:
    model = {"config": {"model_type": "mt5"}, "tokenizer": tokenizer or {"vocabulary": 400}}
    values = {"kind": "seq2seq", "title": "x", "model": model | {"format": {"inside": inside}}}
    recipe = parse_recipe(values, "recipe")
    assert isinstance(recipe, Seq2SeqRecipe)
    return recipe


def test_touching_spans_need_a_format_with_marks(touching_task: TaskData) -> None:
    for inside in ("inside_slot_name", "inside"):
        check_format(recipe_of(inside), touching_task)
    with pytest.raises(ConfigError) as refused:
        check_format(recipe_of("slot_name"), touching_task)
    train, dev = map(str, refused.value.problems)
    assert "x, train: 2 rows (en-US/1, en-US/4) with a slot directly after another" in train
    assert "-o model.format.inside=inside_slot_name" in train
    assert "x, dev: 1 row (en-US/6) with" in dev
    # Where touching spans are one, or there are none, any format will do.
    store = touching_task.store
    merged = replace(store, inventory=replace(store.inventory, scheme="runs"))
    splits = {name: replace(getattr(touching_task, name), store=merged) for name in SPLITS}
    check_format(recipe_of("slot_name"), replace(touching_task, **splits))


SPLITS = ("train", "dev", "test")


def test_a_tokenizer_trained_here_knows_the_labels(touching_task: TaskData) -> None:
    recipe = recipe_of("inside_slot_name")
    verbaliser = Verbaliser(touching_task.store.inventory, recipe.model.format)
    # The utterances hold no upper case.
    utterances = ["play a b", "wake me at five today", "stop it"] * 3
    assert written_alike(verbaliser, item_encoder(train_tokenizer(utterances, 400)))
    tokenizer = answer_tokenizer(recipe, touching_task)
    assert written_alike(verbaliser, item_encoder(tokenizer)) == []


def test_a_tokenizer_from_elsewhere_must_know_the_labels(
    touching_task: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer(["wake me at five"] * 3, 300).save_pretrained(folder)
    with pytest.raises(ConfigError, match="does not fit the labels") as refused:
        answer_tokenizer(recipe_of("inside", str(folder)), touching_task)
    assert any("'IN:PLAY' and 'IN:STOP'" in str(problem) for problem in refused.value.problems)


def test_targets_say_where_spans_begin(touching_task: TaskData) -> None:
    recipe = recipe_of("inside_slot_name")
    tokenizer = answer_tokenizer(recipe, touching_task)
    coding = TextCoding(tokenizer, touching_task.store.inventory, recipe.model)
    data = encode_split(touching_task.train, coding)
    targets = [
        tokenizer.decode(data.targets[start:end], skip_special_tokens=True)
        for start, end in zip(data.target_offsets, data.target_offsets[1:], strict=False)
    ]
    assert targets[:4] == [
        "Other song song IN:PLAY",
        "Other song I-song IN:PLAY",
        "Other Other SL:DATE_TIME I-SL:DATE_TIME date_time IN:CREATE/ALARM",
        "time.start time.start Other Other Other IN:CREATE/ALARM",
    ]
    labels = touching_task.train.labels()
    assert data.labels.tolist() == labels.labels.tolist()


def test_without_intents_there_is_nothing_to_write(touching_task: TaskData) -> None:
    store = touching_task.store
    bare = replace(store, inventory=replace(store.inventory, intents=()))
    splits = {name: replace(getattr(touching_task, name), store=bare) for name in SPLITS}
    with pytest.raises(TrainingError, match=r"a seq2seq system writes an intent .* x has none"):
        check_answers(recipe_of("inside"), replace(touching_task, **splits))
