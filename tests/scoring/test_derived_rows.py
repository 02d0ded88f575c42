"""Rows made of others are resampled with these, and are no gold where labels were made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from massive_kit.breakdown.facets import facet_table, utterance_facet
from massive_kit.data.derivation import derive
from massive_kit.data.derive.noise import Noise
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError
from massive_kit.exports.evalai import write_gold
from massive_kit.runs.training import check_training
from massive_kit.schema.task import Task
from massive_kit.scoring.bootstrap import Units, resampled_sums, weights
from massive_kit.scoring.evaluation import evaluate
from massive_kit.scoring.prediction_files import evaluate_files
from massive_kit.scoring.statistics import count
from massive_kit.scoring.stats_file import load_stats_file
from massive_kit.systems.recipes import parse_recipe
from tests.data.hand_made import ENGLISH, made_store, written
from tests.publish.boards import damaged
from tests.scoring.corpora import random_pair


def _task(store: Store, partition: str = "test") -> TaskData:
    split = {"partition": partition}
    values = {"name": "t", "title": "t", "setting": "full", "train": split, "dev": split}
    return lay_task(Task.model_validate(values | {"test": split, "data": ["made"]}), store)


def test_variants_of_a_row_are_drawn_with_it(tmp_path: Path) -> None:
    rows = {str(i): ENGLISH["1"] if i % 2 else ENGLISH["3"] for i in range(20)}
    store = made_store(tmp_path / "made", {"en-US": rows, "de-DE": rows}, "test")
    noise = Noise(partitions=("test",), copies=2, rate=0.5)
    noisy = derive(store, noise, tmp_path / "noisy", name="noisy").store
    task_data = _task(noisy)
    gold = task_data.test.labels()
    evaluation = evaluate(gold, damaged(gold, 0.4, 1), task_data, resamples=200)
    statistics = evaluation.statistics
    assert statistics.origins is not None
    assert {*statistics.origins.tolist()} == {*rows}
    assert len({*statistics.ids.tolist()}) > len(rows)
    units = Units.of(statistics)
    assert (len(units), units.strata) == (len(rows), None)
    rows_of = np.array([(statistics.origins == name).sum() for name in units.names])
    (drawn,) = weights(len(units), 5, 0)
    (sums,) = resampled_sums(statistics, ["n"], weights(len(units), 5, 0), units)
    assert (sums["n"].sum(axis=1) == drawn @ rows_of).all()
    evaluation.save(tmp_path / "scores")
    kept = load_stats_file(tmp_path / "scores").statistics
    assert kept.origins is not None
    assert (kept.origins == statistics.origins).all()
    facet = utterance_facet("intent", evaluation.aligned)
    chosen = np.arange(len(statistics))
    tables = [
        facet_table(facet, evaluation.aligned, chosen, resamples=50, seed=0, origins=origins)
        for origins in (None, kept.origins)
    ]
    assert tables[0].rows != tables[1].rows
    assert _task(store).test.store.lineage is None
    plain = evaluate(
        _task(store).test.labels(), _task(store).test.labels(), _task(store), resamples=0
    )
    assert plain.statistics.origins is None
    assert "origins" not in plain.statistics.arrays()


def test_within_locales_an_origin_is_drawn_once() -> None:
    statistics = count(*random_pair(2, 6, seed=0))
    names = [f"{loc}-{n}" for loc, n in zip(statistics.locale, statistics.ids, strict=True)]
    apart = statistics.take(np.arange(len(statistics)))
    origins = np.array([name[:-1] + str(int(name[-1]) // 2) for name in names])
    units = Units.of(replace(apart, ids=np.array(names), origins=origins))
    assert units.strata is not None
    assert [len(stratum) for stratum in units.strata] == [
        len({*origins[:6].tolist()}),
        len({*origins[6:].tolist()}),
    ]


def test_labels_that_were_made_are_no_gold(tmp_path: Path) -> None:
    store = made_store(tmp_path / "made", {"en-US": ENGLISH}, "test")
    german = str(written(tmp_path / "en-de.tsv", "wake\twecken", "house\tHaus"))
    transform = TranslateWords(lexicon=(german,), partitions=("test",))
    made = derive(store, transform, tmp_path / "words", name="words").store
    task_data = _task(made)
    nothing = written(tmp_path / "nothing.jsonl")
    with pytest.raises(ConfigError, match="not scored as gold") as caught:
        evaluate_files([nothing], task_data)
    (problem,) = caught.value.problems
    assert "test of de-DE has labels that were made: made by translate_words(" in problem.found
    assert f"of made ({store.hash})" in problem.found
    with pytest.raises(ConfigError, match="not scored as gold"):
        write_gold(tmp_path / "gold.npz", task_data, "words")
    assert not (tmp_path / "gold.npz").exists()


def test_labels_that_were_made_select_no_checkpoints(tmp_path: Path) -> None:
    store = made_store(tmp_path / "made", {"en-US": ENGLISH})
    german = str(written(tmp_path / "en-de.tsv", "wake\twecken", "house\tHaus"))
    transform = TranslateWords(lexicon=(german,), partitions=("train",))
    words = derive(store, transform, tmp_path / "words", name="words").store
    values = _task(store, "train").task.model_dump() | {"allow": ["lexicon"]}
    values |= {"dev": {"partition": "train"}, "train": {"partition": "train"}}
    task = Task.model_validate(values)
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    with pytest.raises(ConfigError, match="not selected by made labels") as caught:
        check_training(recipe, lay_task(task, words))
    (problem,) = caught.value.problems
    assert "train of de-DE has labels that were made: made by translate_words(" in problem.found
    assert problem.todo is not None
    assert "--train-data" in problem.todo
    check_training(recipe, lay_task(task, store, words))
