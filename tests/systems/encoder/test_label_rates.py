"""Labels of a language are moved to the rates that they have in the training rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import rows_of
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.engine.observer import SilentObserver
from massive_kit.errors import ConfigError, ContentError, MissingDataError
from massive_kit.runs.averaging import average_runs
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.inference_settings import LabelRates
from massive_kit.systems.encoder.label_offsets import LabelOffsets
from massive_kit.systems.encoder.label_rates import (
    PreparedRates,
    Rates,
    count_rates,
    intent_offsets,
    slot_offsets,
)
from massive_kit.systems.encoder.portable import write
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import parse_recipe
from tests.data.hand_made import ENGLISH, made_store
from tests.systems.encoder.two_languages import laid


def likely(logits: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return shares


def drawn(rows: int, labels: int) -> np.ndarray:
    # Some labels are preferred throughout.
    chance = np.random.default_rng(3)
    logarithms: np.ndarray = np.log(
        likely(chance.normal(size=(rows, labels)) * 2 + chance.normal(size=labels))
    )
    return logarithms


def test_each_intent_is_expected_as_often_as_wanted() -> None:
    logarithms, wanted = drawn(400, 6), np.array([0.3, 0.25, 0.2, 0.15, 0.09, 0.01])
    assert likely(logarithms).mean(axis=0) != pytest.approx(wanted, abs=0.02)
    offsets = intent_offsets(logarithms, wanted)
    assert offsets is not None
    assert likely(logarithms + offsets).mean(axis=0) == pytest.approx(wanted, abs=2e-3)
    # Where rates are as wanted already, nothing moves.
    there = likely(logarithms).mean(axis=0)
    assert intent_offsets(logarithms, there) == pytest.approx(np.zeros(6), abs=1e-4)
    # Without intents, or without rows that have one, nothing moves either.
    assert intent_offsets(np.zeros((4, 0)), np.zeros(0)) == pytest.approx(np.zeros(0))
    assert intent_offsets(logarithms, np.zeros(0)) == pytest.approx(np.zeros(6))


def test_each_slot_is_expected_in_as_many_utterances_as_wanted() -> None:
    lengths = np.array([3, 0, 1, 5, 2] * 80)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    labels = drawn(int(lengths.sum()), 4)
    outputs = LabelDistributions(
        np.zeros((len(lengths), 0)), labels, offsets, np.ones(len(labels), bool)
    )
    wanted = np.array([0.9, 0.3, 0.2, 0.1])
    moved = slot_offsets(outputs, wanted)
    assert moved is not None
    assert moved[0] == 0
    shares = likely(labels + moved)
    row = rows_of(offsets)
    named = np.array([shares[row == n].max(axis=0) for n in np.unique(row)]).mean(axis=0)
    assert named[1:] == pytest.approx(wanted[1:], abs=5e-3)


def test_what_cannot_be_brought_to_the_rates_stays(caplog: pytest.LogCaptureFixture) -> None:
    # All labels of all tokens are alike, and each is wanted in most utterances.
    flat = LabelDistributions(
        np.zeros((9, 0)), np.log(np.full((9, 4), 0.25)), np.arange(10), np.ones(9, bool)
    )
    wanted = np.array([0.9, 0.8, 0.8, 0.8])
    assert slot_offsets(flat, wanted) is None

    class Unsure:
        def label_distributions(self, *_: object) -> LabelDistributions:
            return flat

    texts = {"de-DE": [Utterance("", "de-DE", "a", ["a"])] * 9}
    rates, inventory = Rates(np.zeros(0), wanted), Inventory((), ("a", "b", "c"), {})
    prepared = PreparedRates(texts, LabelRates(), rates, inventory, ("en-US",))
    assert not prepared.offsets(Unsure(), SilentObserver()).by_locale["de-DE"].any()
    assert "slots of de-DE cannot be brought to the rates" in caplog.text


def test_rates_are_shares_of_utterances(tmp_path: Path) -> None:
    store = made_store(tmp_path / "store", {"en-US": ENGLISH})
    split = DataSplit(store, "train", ("en-US",))
    columns = split.labels()
    inventory, count = columns.inventory, len(columns)
    rates = count_rates([split], inventory, None)
    for name, rate in zip(inventory.intents, rates.intents, strict=True):
        times = sum(inventory.intents[number] == name for number in columns.intents)
        assert rate == pytest.approx((times + 0.5) / (count + 0.5 * len(inventory.intents)))
    for name, rate in zip(inventory.labels, rates.labels, strict=True):
        assert rate == sum(name in columns.row_labels(row) for row in range(count)) / count
    # Those of the rows that are trained on.
    one, drawn_rows = count_rates([split], inventory, 1), split.capped_rows(1)
    assert drawn_rows is not None
    (row,) = drawn_rows
    tokens = columns.labels[columns.offsets[row] : columns.offsets[row + 1]]
    assert {*np.flatnonzero(one.labels)} == {*tokens}
    assert one.intents.argmax() == columns.intents[row]


class Seen(SilentObserver):
    """How much is to be read, and how much was."""

    def __init__(self) -> None:
        self.texts = 0
        self.by_locale: Counter[str] = Counter()

    def reading(self, texts: int) -> None:
        self.texts = texts

    def read(self, locale: str, texts: int) -> None:
        self.by_locale[locale] += texts


@pytest.fixture(scope="module")
def run(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    values = recipes["encoder"].model_dump(mode="json")
    values["training"] |= {"epochs": 0.1, "evaluations": 1, "dev_rows": 5}
    values["inference"] = {"label_rates": {"rows": 60, "strength": 1.0}}
    recipe = parse_recipe(values, "moved")
    with pytest.raises(ConfigError, match="the recipe: unlabelled-text was used"):
        train_run(recipe, laid(demo_store), Path("never"))
    folder = tmp_path_factory.mktemp("moved") / "run"
    seen = Seen()
    run = train_run(recipe, laid(demo_store, "unlabelled-text"), folder, observer=seen)
    assert (seen.texts, seen.by_locale) == (120, {"de-DE": 60, "sw-KE": 60})
    return run


def utterances(store: Store, locale: str, rows: int | None = None) -> list[Utterance]:
    split = DataSplit(store, "train", (locale,), text_only=True)
    table = split.read(["id", "utt", "tokens"])
    if (chosen := split.capped_rows(rows)) is not None:
        table = table.take(chosen)
    return [Utterance(row["id"], locale, row["utt"], row["tokens"]) for row in table.to_pylist()]


def test_a_language_gets_the_rates_of_the_training_rows_and_english_stays(
    run: RunFolder, demo_store: Store
) -> None:
    assert [used.resource for used in run_resources(run)] == ["target-labels", "unlabelled-text"]
    moved, plain = load_system(run.path), load_system(run.path, ["inference.label_rates=null"])
    assert isinstance(moved, EncoderSystem)
    assert isinstance(plain, EncoderSystem)
    assert plain.offsets is None
    assert moved.offsets is not None
    assert {*moved.offsets.by_locale} == {"en-US", "de-DE", "sw-KE"}
    assert not moved.offsets.by_locale["en-US"].any()
    split = DataSplit(demo_store, "train", ("en-US",))
    wanted = count_rates([split], moved.inventory, None).intents
    texts = utterances(demo_store, "de-DE", 60)
    expected = [np.exp(s.label_distributions(texts).intents).mean(axis=0) for s in (moved, plain)]
    assert expected[0] == pytest.approx(wanted, abs=3e-3)
    assert expected[1] != pytest.approx(wanted, abs=3e-3)
    # A language that there was no text of stays as it is, as English does.
    for locale, same in (("en-US", True), ("xx-XX", True), ("de-DE", False)):
        rows = [replace(text, locale=locale) for text in utterances(demo_store, "de-DE")]
        assert ([*moved.predict(rows)] == [*plain.predict(rows)]) == same
    assert [*moved.predict([])] == []


def test_predictions_are_read_from_the_distributions(run: RunFolder, demo_store: Store) -> None:
    system = load_system(run.path)
    assert isinstance(system, EncoderSystem)
    texts = utterances(demo_store, "de-DE", 60)
    outputs, predictions = system.label_distributions(texts), [*system.predict(texts)]
    intents = [system.inventory.intents.index(str(made.intent)) for made in predictions]
    assert outputs.intents.argmax(axis=1).tolist() == intents


def test_it_is_had_without_training_and_taken_away(
    run: RunFolder, demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "massive_kit.runs.configuring.open_own_task",
        lambda *_: laid(demo_store, "unlabelled-text"),
    )
    without = Configuration.of(run.path, ["inference.label_rates=null"]).write(tmp_path / "none")
    assert not (without.model / "label_offsets.safetensors").exists()
    settings = ["inference.label_rates.rows=60", "inference.label_rates.strength=1"]
    seen = Seen()
    again = Configuration.of(without.path, settings).write(tmp_path / "again", seen)
    assert seen.texts == 120
    assert seen.by_locale == {"de-DE": 60, "sw-KE": 60}
    first, second = load_system(run.path), load_system(again.path)
    assert isinstance(first, EncoderSystem)
    assert isinstance(second, EncoderSystem)
    assert first.offsets is not None
    assert second.offsets is not None
    for locale, offsets in first.offsets.by_locale.items():
        assert second.offsets.by_locale[locale] == pytest.approx(offsets, abs=1e-4)
    half = [*settings[:1], "inference.label_rates.strength=0.5"]
    weaker = Configuration.of(without.path, half).write(tmp_path / "half")
    other = load_system(weaker.path)
    assert isinstance(other, EncoderSystem)
    assert other.offsets is not None
    for locale, offsets in second.offsets.by_locale.items():
        assert 2 * other.offsets.by_locale[locale] == pytest.approx(offsets, abs=1e-5)


def test_what_does_not_fit_is_told(
    runs: dict[str, Path],
    run: RunFolder,
    demo_store: Store,
    tmp_path: Path,
    recipes: dict[str, Recipe],
) -> None:
    with pytest.raises(MissingDataError, match=r"train with inference\.label_rates"):
        LabelOffsets.load(RunFolder(runs["encoder"]).model, 3, 4)
    LabelOffsets({"en-US": np.zeros(3, np.float32)}, 2).save(tmp_path)
    with pytest.raises(ContentError, match="does not belong to the model"):
        LabelOffsets.load(tmp_path, 3, 4)
    recipe = run.recipe()
    assert isinstance(recipe, EncoderRecipe)
    LabelOffsets({"en-US": np.array([0, np.nan, 0], np.float32)}, 2).save(tmp_path)
    with pytest.raises(ContentError, match="is damaged"):
        LabelOffsets.load(tmp_path, 2, 1)
    (tmp_path / "graph").mkdir()
    with pytest.raises(ConfigError, match=r"-o inference\.label_rates=null") as refused:
        write(run.model, recipe, tmp_path / "graph")
    assert "inference.label_rates is set" in str(refused.value)
    with pytest.raises(ConfigError, match="moved by what was predicted with its own") as caught:
        average_runs([run.path, runs["encoder"]], tmp_path / "mean")
    assert "inference.neighbours=null" not in str(caught.value)
    scored = laid(demo_store, "unlabelled-text")
    check_run(run, scored)
    scored = replace(scored, test=replace(scored.test, partition="train"))
    with pytest.raises(ConfigError, match=r"-o inference\.label_rates\.partition=train"):
        check_run(run, scored)
    values = recipes["encoder"].model_dump(mode="json")
    values["inference"] = {"label_rates": {"partition": "elsewhere"}}
    with pytest.raises(MissingDataError, match=r"-o inference\.label_rates\.partition=NAME"):
        train_run(parse_recipe(values, "r"), laid(demo_store, "unlabelled-text"), tmp_path / "run")
