"""Vectors of a language are moved to where intents were learnt, if that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, ContentError, MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.dataset import encode_utterances
from massive_kit.systems.encoder.intent_centring import LanguageShifts, intent_vectors
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.retrieval.vector_index import Vectors
from tests.systems.encoder.two_languages import laid


def utterances(store: Store, locale: str, partition: str = "test") -> list[Utterance]:
    table = DataSplit(store, partition, (locale,)).read(["id", "utt", "tokens"])
    return [Utterance(row["id"], locale, row["utt"], row["tokens"]) for row in table.to_pylist()]


@pytest.fixture(scope="module")
def run(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    values = recipes["encoder"].model_dump(mode="json")
    values["training"] |= {"epochs": 0.1, "evaluations": 1, "dev_rows": 5}
    values["inference"] = {"centring": {"rows": 50}}
    recipe = parse_recipe(values, "centred")
    with pytest.raises(ConfigError, match="the recipe: unlabelled-text was used"):
        train_run(recipe, laid(demo_store), Path("never"))
    folder = tmp_path_factory.mktemp("centred") / "run"
    return train_run(recipe, laid(demo_store, "unlabelled-text"), folder)


def test_each_language_moves_to_the_mean_of_english(run: RunFolder, demo_store: Store) -> None:
    assert [used.resource for used in run_resources(run)] == ["target-labels", "unlabelled-text"]
    system = load_system(run.path)
    assert isinstance(system, EncoderSystem)
    shifts = system.shifts
    assert shifts is not None
    assert {*shifts.by_locale} == {"en-US", "de-DE", "sw-KE"}
    assert not shifts.by_locale["en-US"].any()

    def mean(locale: str) -> Vectors:
        split = DataSplit(demo_store, "train", (locale,), text_only=True)
        table = split.read(["utt", "tokens"]).take(split.capped_rows(50))
        data = encode_utterances(
            table.column("utt").to_pylist(),
            table.column("tokens").to_pylist(),
            system.tokenizer,
            placement=system.placement,
            max_length=512,
        )
        made: Vectors = intent_vectors(system.model, data, "fp32").mean(axis=0)
        return made

    moved = mean("de-DE") + shifts.by_locale["de-DE"]
    assert np.allclose(moved, mean("en-US"), atol=1e-4)
    # A language without text moves as the others do.
    strange = shifts.of([Utterance("1", "xx-XX", "a", ["a"])])
    assert np.allclose(strange, (shifts.by_locale["de-DE"] + shifts.by_locale["sw-KE"]) / 2)


def test_slots_and_english_are_read_as_ever(run: RunFolder, demo_store: Store) -> None:
    centred, plain = load_system(run.path), load_system(run.path, ["inference.centring=null"])
    assert isinstance(plain, EncoderSystem)
    assert plain.shifts is None
    for locale in ("en-US", "de-DE"):
        rows = utterances(demo_store, locale)
        first, second = [*centred.predict(rows)], [*plain.predict(rows)]
        assert [one.labels for one in first] == [other.labels for other in second]
        same = [one.intent == other.intent for one, other in zip(first, second, strict=True)]
        assert all(same) == (locale == "en-US")
    assert [*centred.predict([])] == []


def test_what_is_not_there_or_does_not_fit_is_told(
    runs: dict[str, Path], demo_store: Store, tmp_path: Path, recipes: dict[str, Recipe]
) -> None:
    folder = RunFolder(runs["encoder"]).model
    with pytest.raises(MissingDataError, match=r"train with inference\.centring"):
        LanguageShifts.load(folder, 32)
    LanguageShifts({"en-US": np.zeros(3, np.float32)}).save(tmp_path)
    with pytest.raises(ContentError, match="does not belong to the model"):
        LanguageShifts.load(tmp_path, 32)
    (tmp_path / "language_shifts.safetensors").write_bytes(b"{}")
    with pytest.raises(ContentError, match="holds no vectors"):
        LanguageShifts.load(tmp_path, 32)
    values = recipes["encoder"].model_dump(mode="json")
    values["inference"] = {"centring": {"partition": "elsewhere"}}
    with pytest.raises(MissingDataError, match=r"-o inference\.centring\.partition=NAME"):
        train_run(parse_recipe(values, "r"), laid(demo_store, "unlabelled-text"), tmp_path / "run")
