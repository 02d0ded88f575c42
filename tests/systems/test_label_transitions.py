"""Labels beside each other are counted, saved, and have a say in chains of labels."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, ContentError, MissingDataError
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.ensembling import ensemble_runs
from massive_kit.runs.loading import load_system
from massive_kit.systems.composite.reading import read_labels
from massive_kit.systems.encoder.portable import write
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.interface import Utterance
from massive_kit.systems.joint_decoding import allowed_mask, best_paths, decode
from massive_kit.systems.label_transitions import FILE, LabelTransitions, mean_transitions


def test_what_stands_beside_what_is_counted_in_both_orders(demo_store: Store) -> None:
    split, inventory = DataSplit(demo_store, "train", ("en-US",)), demo_store.inventory
    counted = LabelTransitions.count([split], inventory, None).logarithms
    columns = split.labels()
    beside: dict[tuple[int, int], int] = {}
    occur = np.bincount(columns.labels, minlength=len(inventory.labels))
    for row in range(len(columns)):
        labels = columns.labels[columns.offsets[row] : columns.offsets[row + 1]].tolist()
        for pair in itertools.pairwise(labels):
            for first, second in (pair, pair[::-1]):
                beside[first, second] = beside.get((first, second), 0) + 1
    anywhere = occur / occur.sum()
    for first in range(len(inventory.labels)):
        of_first = sum(count for pair, count in beside.items() if pair[0] == first)
        for second in (0, 1, 2, first):
            likely = beside.get((first, second), 0) + 5 * anywhere[second]
            expected = np.log((likely / (of_first + 5) + 1e-9) / (anywhere[second] + 1e-9))
            assert counted[first, second] == pytest.approx(expected, abs=1e-4)
    # A slot of several words stands beside itself.
    date = inventory.labels.index("date")
    assert counted[date, date] > 1 > counted[date, 0]
    one = LabelTransitions.count([split], inventory, 1).logarithms
    assert not np.array_equal(one, counted)


@pytest.mark.parametrize("seed", range(5))
def test_the_likeliest_chain_is_found(seed: int) -> None:
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


def test_what_was_saved_is_read_and_what_is_damaged_refused(tmp_path: Path) -> None:
    counted = LabelTransitions(np.arange(9, dtype=np.float32).reshape(3, 3))
    counted.save(tmp_path)
    assert np.array_equal(LabelTransitions.load(tmp_path, 3).logarithms, counted.logarithms)
    with pytest.raises(ContentError, match="damaged"):
        LabelTransitions.load(tmp_path, 4)
    save_file({"transitions": np.full((3, 3), np.nan, np.float32)}, tmp_path / FILE)
    with pytest.raises(ContentError, match="damaged"):
        LabelTransitions.load(tmp_path, 3)
    (tmp_path / FILE).write_bytes(b"no such file")
    with pytest.raises(ContentError, match="damaged"):
        LabelTransitions.load(tmp_path, 3)
    (tmp_path / FILE).unlink()
    with pytest.raises(MissingDataError, match=r"train with inference\.transitions"):
        LabelTransitions.load(tmp_path, 3)


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
    counted = LabelTransitions.load(chained.model, len(demo_store.inventory.labels)).logarithms
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
