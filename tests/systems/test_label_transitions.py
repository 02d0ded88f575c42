"""Labels beside each other are counted, saved, and have a say in chains of labels."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, ContentError, MissingDataError
from massive_kit.runs.average_checks import averaging_problems
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.ensembling import ensemble_runs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.gloss_making import GlossesOfEncoder
from massive_kit.runs.glossing import Glossing
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.composite.reading import read_labels
from massive_kit.systems.encoder.portable import write
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.transitions import FILE, LabelTransitions
from massive_kit.systems.glossed.system import GlossedSystem
from massive_kit.systems.interface import Utterance
from massive_kit.systems.joint_decoding import allowed_mask, best_paths, decode
from massive_kit.systems.label_transitions import count_transitions, mean_transitions
from massive_kit.systems.recipes import parse_recipe


def test_what_stands_beside_what_is_counted_in_both_orders(demo_store: Store) -> None:
    split, inventory = DataSplit(demo_store, "train", ("en-US",)), demo_store.inventory
    counted = count_transitions([split], inventory, None)
    assert np.array_equal(counted, counted.T)
    columns = split.labels()
    count = len(inventory.labels)
    beside = np.zeros((count, count))
    for row in range(len(columns)):
        labels = columns.labels[columns.offsets[row] : columns.offsets[row + 1]].tolist()
        for first, second in itertools.pairwise(labels):
            beside[first, second] += 1
            beside[second, first] += 1
    shares = beside.sum(axis=0) / beside.sum()
    by_chance = beside.sum() * shares[:, None] * shares
    assert counted == pytest.approx(np.log((beside + 1) / (by_chance + 1)), abs=1e-5)
    # A slot of several words stands beside itself.
    date = inventory.labels.index("date")
    assert counted[date, date] > 1 > counted[date, 0]
    assert not np.array_equal(count_transitions([split], inventory, 1), counted)
    # No label of no row is more or less likely beside any other.
    more = replace(inventory, slots=(*inventory.slots, "spare"))
    assert not count_transitions([split], more, None)[-1].any()


def test_what_begins_a_span_counts_like_what_goes_on_with_it(demo_store: Store) -> None:
    split, runs = DataSplit(demo_store, "train", ("en-US",)), demo_store.inventory
    brackets = replace(runs, scheme="brackets")
    counted = count_transitions([split], brackets, None)
    slots = brackets.slot_numbers(np.arange(len(brackets.labels)))
    of_slots = count_transitions([split], runs, None)
    assert np.array_equal(counted, of_slots[np.ix_(slots, slots)])
    date = [number for number, label in enumerate(brackets.labels) if label.endswith("-date")]
    assert len(date) == 2
    assert len({*counted[np.ix_(date, date)].ravel().tolist()}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_likeliest_chain_is_found(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(seed)
    slots = torch.randn(3, 5, 4, generator=generator).log_softmax(-1)
    transitions = torch.randn(4, 4, generator=generator)
    spoken = torch.tensor([[1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]], dtype=torch.bool)
    paths = best_paths(slots, spoken, transitions)
    for row in range(3):
        places = spoken[row].nonzero().flatten().tolist()

        def score(labels: tuple[int, ...], row: int = row, places: list[int] = places) -> float:
            alone = sum(slots[row, p, label] for p, label in zip(places, labels, strict=True))
            return float(alone + sum(transitions[pair] for pair in itertools.pairwise(labels)))

        best = max(itertools.product(range(4), repeat=len(places)), key=score)
        assert tuple(paths[row, places].tolist()) == best
        others = [place for place in range(5) if place not in places]
        assert torch.equal(paths[row, others], slots[row, others].argmax(-1))
    monkeypatch.setattr("massive_kit.systems.joint_decoding._MOST_SUMS", 32)
    assert torch.equal(best_paths(slots, spoken, transitions), paths)
    still = best_paths(slots, spoken, torch.zeros(4, 4))
    assert torch.equal(still, slots.argmax(-1))


def test_labels_of_a_chain_are_allowed_to_its_intent() -> None:
    slots = torch.tensor([[[0.0, 2.0, 1.9], [0.0, 0.0, 3.0], [0.0, 2.0, 1.9]]])
    spoken = torch.ones(1, 3, dtype=torch.bool)
    allowed = allowed_mask([[0, 1, 2], [0, 1]], 3, torch.device("cpu"))
    alike = torch.full((3, 3), -1.0).fill_diagonal_(1.0)
    read = decode(torch.tensor([[5.0, 0.0]]), slots, spoken, allowed, alike)
    assert (read.intents.tolist(), read.labels.tolist()) == ([0], [[2, 2, 2]])
    read = decode(torch.tensor([[0.0, 9.0]]), slots, spoken, allowed, alike)
    assert (read.intents.tolist(), read.labels.tolist()) == ([1], [[1, 1, 1]])
    alone = decode(torch.tensor([[5.0, 0.0]]), slots, spoken, allowed)
    assert alone.labels.tolist() == [[1, 2, 1]]


def test_a_token_without_a_subword_of_its_own_goes_along(demo_store: Store) -> None:
    inventory = demo_store.inventory
    date, time = (inventory.labels.index(name) for name in ("date", "time"))
    labels = np.full((3, len(inventory.labels)), -9.0, np.float32)
    labels[0, [date, time]] = [-0.7, -0.8]
    labels[1] = labels[0]
    labels[2, time] = -0.01
    chain = np.zeros((len(inventory.labels),) * 2, np.float32)
    chain[time, time] = 1
    outputs = LabelDistributions(
        np.zeros((1, len(inventory.intents)), np.float32),
        labels,
        np.array([0, 3]),
        np.ones(3, bool),
        None,
        np.array([False, True, False]),
    )
    for allowed in ([], [range(len(inventory.labels))] * len(inventory.intents)):
        assert read_labels(outputs, allowed, inventory).labels.tolist() == [date, date, time]
        read = read_labels(outputs, allowed, inventory, chain)
        assert read.labels.tolist() == [time, time, time]


def test_a_token_on_a_shared_subword_keeps_what_is_known_of_itself(demo_store: Store) -> None:
    inventory = demo_store.inventory
    date, time = (inventory.labels.index(name) for name in ("date", "time"))
    labels = np.full((2, len(inventory.labels)), -9.0, np.float32)
    labels[0, date] = labels[1, time] = -0.1
    intents = np.zeros((1, len(inventory.intents)), np.float32)
    shared = np.array([False, True])
    outputs = LabelDistributions(intents, labels, np.array([0, 2]), np.ones(2, bool), None, shared)
    chain = np.zeros((len(inventory.labels),) * 2, np.float32)
    for transitions in (None, chain):
        assert read_labels(outputs, [], inventory, transitions).labels.tolist() == [date, time]


def test_what_was_saved_is_read_and_what_is_damaged_refused(
    demo_store: Store, tmp_path: Path
) -> None:
    inventory = demo_store.inventory
    ratios = np.random.default_rng(0).normal(size=(len(inventory.labels),) * 2)
    LabelTransitions(ratios.astype(np.float32), inventory).save(tmp_path)
    loaded = LabelTransitions.load(tmp_path, inventory)
    assert np.array_equal(loaded.ratios, ratios.astype(np.float32))
    other = replace(inventory, slots=(*inventory.slots[:-1], "other"))
    with pytest.raises(ContentError, match="does not belong to the model"):
        LabelTransitions.load(tmp_path, other)
    with pytest.raises(ContentError, match="does not belong to the model"):
        LabelTransitions.load(tmp_path, replace(inventory, slots=inventory.slots[:-1]))
    LabelTransitions(np.full_like(loaded.ratios, np.nan), inventory).save(tmp_path)
    with pytest.raises(ContentError, match="damaged"):
        LabelTransitions.load(tmp_path, inventory)
    (tmp_path / FILE).write_bytes(b"no such file")
    with pytest.raises(ContentError, match="holds no vectors"):
        LabelTransitions.load(tmp_path, inventory)
    (tmp_path / FILE).unlink()
    with pytest.raises(MissingDataError, match=r"train with inference\.transitions"):
        LabelTransitions.load(tmp_path, inventory)


def test_a_mean_is_of_all_that_read_together() -> None:
    one = np.ones((2, 2), np.float32)
    assert mean_transitions([None, None]) is None
    mean = mean_transitions([one, None])
    assert mean is not None
    assert np.array_equal(mean, one / 2)


def test_a_fitted_run_reads_labels_as_a_chain_and_so_do_runs_of_it(
    runs: dict[str, Path], demo_store: Store, task_data: TaskData, tmp_path: Path
) -> None:
    run = runs["encoder"]
    chained = Configuration.of(run, ["inference.transitions.weight=0.5"]).write(tmp_path / "run")
    plain, system = load_system(run), load_system(chained.path)
    assert isinstance(plain, EncoderSystem)
    assert isinstance(system, EncoderSystem)
    counted = LabelTransitions.load(chained.model, demo_store.inventory).ratios
    assert plain.transitions is None
    assert system.transitions == pytest.approx(counted / 2)
    table = demo_store.read("test", ["en-US", "ja-JP"], ["id", "locale", "utt", "tokens"])
    texts = [
        Utterance(row["id"], row["locale"], row["utt"], row["tokens"]) for row in table.to_pylist()
    ]
    with_chain, without = [*system.predict(texts)], [*plain.predict(texts)]
    changed = [a.labels != b.labels for a, b in zip(with_chain, without, strict=True)]
    assert any(changed)
    assert [made.intent for made in with_chain] == [made.intent for made in without]
    # Read one by one or out of what is said of them, labels are the same.
    outputs = system.label_distributions(texts)
    read = read_labels(outputs, system.allowed_labels, system.inventory, system.transitions)
    numbers = [system.inventory.labels.index(label) for made in with_chain for label in made.labels]
    assert read.labels.tolist() == numbers
    off = load_system(chained.path, ["inference.transitions=null"])
    assert [made.labels for made in off.predict(texts)] == [made.labels for made in without]
    both = ensemble_runs([chained.path, run], tmp_path / "both")
    together = load_system(both.path)
    assert together.transitions == pytest.approx(counted / 4)  # type: ignore[attr-defined]  # an ensemble's
    recipe = chained.recipe()
    assert isinstance(recipe, EncoderRecipe)
    with pytest.raises(ConfigError, match=r"-o inference\.transitions=null"):
        write(chained.model, recipe, tmp_path / "graph")
    bare = replace(system, transitions=None)
    assert [made.labels for made in bare.predict(texts)] == [made.labels for made in without]


def test_training_counts_what_configuring_does(
    recipes: dict[str, Recipe], task_data: TaskData, runs: dict[str, Path], tmp_path: Path
) -> None:
    values = recipes["encoder"].model_dump(mode="json")
    values["training"] |= {"epochs": 0.1, "evaluations": 1, "dev_rows": 5}
    values["inference"] = {"transitions": {"weight": 0.2}}
    trained = train_run(parse_recipe(values, "chain"), task_data, tmp_path / "trained")
    settings = ["inference.transitions.weight=0.2"]
    configured = Configuration.of(runs["encoder"], settings).write(tmp_path / "configured")
    assert (trained.model / FILE).read_bytes() == (configured.model / FILE).read_bytes()
    system = load_system(trained.path)
    assert isinstance(system, EncoderSystem)
    assert system.transitions is not None
    without = load_system(trained.path, ["inference.transitions.weight=0"])
    assert isinstance(without, EncoderSystem)
    assert without.transitions is None


def test_a_glossed_run_reads_by_the_chains_of_the_run(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path
) -> None:
    settings = ["inference.transitions.weight=0.2"]
    chained = Configuration.of(runs["encoder"], settings).write(tmp_path / "run")
    encoder = GlossesOfEncoder(str(small_encoder))
    made = Glossing.of(chained.path, encoder=encoder, source="en-US").write(tmp_path / "glossed")
    reader, system = load_system(chained.path), load_system(made.run.path)
    assert isinstance(reader, EncoderSystem)
    assert isinstance(system, GlossedSystem)
    assert system.transitions is not None
    assert np.array_equal(system.transitions, reader.transitions)  # type: ignore[arg-type]  # there are some
    texts = [Utterance("1", "de-DE", "wecker um fünf", ["wecker", "um", "fünf"])]
    (prediction,) = system.predict(texts)
    assert len(prediction.labels) == 3


def test_chains_of_other_rows_are_not_averaged(runs: dict[str, Path], tmp_path: Path) -> None:
    settings = ["inference.transitions.weight=0.2"]
    run = Configuration.of(runs["encoder"], settings).write(tmp_path / "run")
    other = RunFolder(shutil.copytree(run.path, tmp_path / "other"))
    assert averaging_problems([run, other]) == []
    facts = json.loads((other.path / "run.json").read_text())
    facts["data"]["train"]["hash"] = "of other rows"
    (other.path / "run.json").write_text(json.dumps(facts))
    (problem,) = averaging_problems([run, other])
    assert "transitions.training_rows" in problem.found
    assert "-o inference.transitions=null" in str(problem.todo)
