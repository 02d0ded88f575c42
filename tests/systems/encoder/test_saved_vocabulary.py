"""A model with a trimmed vocabulary says of the text that it read what the whole one says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.engine.session import open_session
from massive_kit.errors import MassiveKitError
from massive_kit.runs.folder import RunFolder
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.saved_vocabulary import FILE, read_full_ids, write_full_ids
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.training import prepare
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import changed
from tests.small_encoder import small_recipe


def saved(base: Path, task_data: TaskData, folder: Path, **model: Any) -> dict[str, Any]:
    """Prepares a recipe and saves its model as it is, without a step of training."""
    values = {"model": model, "training": {"train_rows": None}}
    recipe = changed(small_recipe(base), values, "small")
    assert isinstance(recipe, EncoderRecipe)
    session = open_session(recipe.training, recipe.optimiser, RunFolder(folder).workspace)
    torch.manual_seed(3)
    preparation = prepare(recipe, task_data, session)
    assert preparation.fit_inputs is not None
    return preparation.save(preparation.fit_inputs.model, folder / "model")


def english(store: Store) -> list[Utterance]:
    columns = ("id", "utt", "tokens")
    table = store.read("train", ["en-US"], [*columns]).slice(0, 30)
    return [
        Utterance(identity, "en-US", text, tokens)
        for identity, text, tokens in zip(
            *(table[name].to_pylist() for name in columns), strict=True
        )
    ]


@pytest.fixture(scope="module")
def folders(
    small_encoder: Path, zero_shot: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The model of one recipe, with either vocabulary, and one that starts from the trimmed one."""
    top = tmp_path_factory.mktemp("vocabularies")
    facts = {"whole": saved(small_encoder, zero_shot, top / "whole")}
    trimmed = {"vocabulary": "trimmed", "layers": [1]}
    facts["trimmed"] = saved(small_encoder, zero_shot, top / "trimmed", vocabulary="trimmed")
    start = top / "trimmed" / "model"
    facts["again"] = saved(start, zero_shot, top / "again", **trimmed)
    facts["kept"] = saved(start, zero_shot, top / "kept")
    for name, values in facts.items():
        (top / name / "facts.json").write_text(json.dumps(values))
    return {name: top / name for name in facts}


def test_what_was_read_is_told_as_before(folders: dict[str, Path], demo_store: Store) -> None:
    utterances = english(demo_store)
    whole, trimmed = (
        EncoderSystem.load(folders[name] / "model", "fp32") for name in ("whole", "trimmed")
    )
    first, second = (system.label_distributions(utterances) for system in (whole, trimmed))
    np.testing.assert_allclose(first.intents, second.intents, atol=2e-2)
    np.testing.assert_allclose(first.labels, second.labels, atol=2e-2)
    facts = {name: json.loads((folders[name] / "facts.json").read_text()) for name in folders}
    assert facts["trimmed"]["vocabulary"] == len(trimmed.tokenizer) < len(whole.tokenizer)
    assert facts["trimmed"]["vocabulary_of_base"] == len(whole.tokenizer)
    assert facts["trimmed"]["dev_unknown_subwords"] >= 0
    for key, same in {"parameters": False, "parameters_without_embeddings": True}.items():
        assert (facts["trimmed"][key] == facts["whole"][key]) is same
    width = int(whole.model.body.config.hidden_size)
    fewer = len(whole.tokenizer) - len(trimmed.tokenizer)
    assert facts["whole"]["parameters"] - facts["trimmed"]["parameters"] == fewer * width


def test_full_ids_are_kept_along_a_chain(folders: dict[str, Path]) -> None:
    whole = EncoderSystem.load(folders["whole"] / "model").tokenizer.get_vocab()
    assert read_full_ids(folders["whole"] / "model") is None
    for name in ("trimmed", "again", "kept"):
        full_ids = read_full_ids(folders[name] / "model")
        assert full_ids is not None
        vocabulary = EncoderSystem.load(folders[name] / "model").tokenizer.get_vocab()
        assert {text: int(full_ids[number]) for text, number in vocabulary.items()} == {
            text: whole[text] for text in vocabulary
        }


def test_a_layer_is_taken_with_its_weights(folders: dict[str, Path]) -> None:
    start, student = (
        load_file(folders[name] / "model" / "model.safetensors") for name in ("trimmed", "again")
    )
    taken = {name: name.replace("layer.0.", "layer.1.") for name in student if "layer.0." in name}
    assert len(taken) == sum("layer.1." in name for name in start)
    assert all(torch.equal(student[name], start[old]) for name, old in taken.items())


def test_any_text_is_predicted_and_what_is_unknown_is_said(
    folders: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    system = EncoderSystem.load(folders["trimmed"] / "model", "fp32")
    texts = ["wake ωmega ☃ 五時", "", "🂡🂢 🂣", "a" * 500]
    utterances = [Utterance(str(i), "el-GR", t, t.split()) for i, t in enumerate(texts)]
    predictions = [*system.predict(utterances)]
    assert [len(p.labels) for p in predictions] == [len(u.tokens) for u in utterances]
    assert "subwords are unknown to the model's trimmed vocabulary" in caplog.text


def test_a_table_of_ids_that_nothing_wrote_is_refused(tmp_path: Path) -> None:
    for ids in (np.array([3, 1], np.int32), np.array([[1]], np.int32), np.array([1.0])):
        write_full_ids(tmp_path, ids)
        with pytest.raises(MassiveKitError, match=f"{FILE} is not what a run writes"):
            read_full_ids(tmp_path)
