"""Rows that a run has seen, itself or through what it rests on, are not what it is scored on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.subset import Subset
from massive_kit.data.subset_store import with_subset
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError
from massive_kit.runs.evaluating import Evaluator
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.joined_data import joined_data
from massive_kit.runs.lineage import check_run, check_run_against, facts_of_parents
from massive_kit.runs.pseudo_labelling import pseudo_label
from massive_kit.runs.run_of_runs import RunOfRuns
from massive_kit.runs.training import train_run
from massive_kit.schema.task import Task
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.recipes import parse_recipe

BEST = {"best": {"metric": "exact_match", "value": 0.5, "step": 3}}
LOCALES = ["en-US", "sw-KE"]
KEY = "inference.centring.partition"


def task_of(train: str = "train", dev: str = "dev", test: str = "test") -> Task:
    values: dict[str, Any] = {"name": "t", "title": "T", "setting": "full", "data": ["demo"]}
    for name, partition in (("train", train), ("dev", dev), ("test", test)):
        values[name] = {"partition": partition, "locales": LOCALES}
    return Task.model_validate(values)


def scored(store: Store, **partitions: str) -> TaskData:
    return lay_task(task_of(**partitions), store)


def trained(store: Store, out: Path, locale: str = "en-US", **partitions: str) -> RunFolder:
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    task_data = scored(store, **partitions)
    return train_run(recipe, replace(task_data, train=task_data.train.only(locale)), out)


def with_facts(run: RunFolder, facts: Mapping[str, Any]) -> RunFolder:
    run.write_facts(run.facts() | dict(facts))
    return run


def with_parents(run: RunFolder, *parents: RunFolder) -> RunFolder:
    return with_facts(run, {"parents": facts_of_parents(parents)})


def renamed(store: Store, folder: Path) -> Store:
    """A store with the same rows, under another name."""
    shutil.copytree(store.path, folder)
    index = json.loads((folder / "store.json").read_text())
    (folder / "store.json").write_text(json.dumps(index | {"name": "other"}))
    return Store.open(folder)


def refusal(run: RunFolder, task_data: TaskData) -> str:
    with pytest.raises(ConfigError) as caught:
        check_run(run, task_data)
    return str(caught.value)


def test_a_run_is_not_scored_on_the_partition_that_it_was_trained_on(
    demo_store: Store, tmp_path: Path
) -> None:
    run = trained(demo_store, tmp_path / "run", train="test")
    expected = f"run {run.path}: it was trained on labels of test, which the task scores"
    assert expected in refusal(run, scored(demo_store))
    # The same ids are in every language.
    swahili = scored(demo_store)
    swahili = replace(swahili, test=swahili.test.only("sw-KE"))
    assert expected in refusal(run, swahili)
    with pytest.raises(ConfigError, match="rows that are scored were seen before"):
        Evaluator(scored(demo_store), None, 0, 0, (), (), None).evaluate((run.path,), None)
    with pytest.raises(ConfigError, match="trained on labels of test"):
        check_run_against(run, task_of())
    # A task that says so itself is scored, and so is another partition.
    check_run(run, scored(demo_store, train="test"))
    check_run_against(run, task_of(train="test"))
    check_run(run, scored(demo_store, test="train"))


def test_a_run_is_not_scored_on_the_partition_that_selected_it(
    demo_store: Store, tmp_path: Path
) -> None:
    run = trained(demo_store, tmp_path / "run", dev="test")
    # The majority system selects nothing.
    check_run(run, scored(demo_store))
    with_facts(run, BEST)
    expected = "labels of test, which the task scores, selected checkpoints"
    assert expected in refusal(run, scored(demo_store))
    check_run(run, scored(demo_store, dev="test"))
    usual = with_facts(trained(demo_store, tmp_path / "usual"), BEST)
    check_run(usual, scored(demo_store))
    # What is tried out on dev is scored on dev.
    check_run(usual, scored(demo_store, test="dev"))
    split = usual.facts()["data"]["dev"] | {"text_only": True, "partition": "test"}
    with_facts(usual, {"data": usual.facts()["data"] | {"dev": split}})
    check_run(usual, scored(demo_store))


@pytest.mark.parametrize("use", ["labels", "selected", "text", "pairs", "pretraining"])
def test_what_any_run_down_the_chain_has_seen_counts(
    demo_store: Store, tmp_path: Path, use: str
) -> None:
    first = trained(
        demo_store,
        tmp_path / "first",
        **{"labels": {"train": "test"}, "selected": {"dev": "test"}}.get(use, {}),
    )
    data = first.facts()["data"]
    read = demo_store_split(demo_store) | {"text_only": True}
    data |= {"text": {"text": read}, "pairs": {"pairs": read}, "pretraining": {"train": read}}.get(
        use, {}
    )
    with_facts(first, BEST | {"data": data})
    second = with_parents(trained(demo_store, tmp_path / "second"), first)
    third = with_parents(trained(demo_store, tmp_path / "third"), second)
    message = refusal(third, scored(demo_store))
    assert f"run {third.path} > run {second.path} > run {first.path}: " in message
    is_text = use in {"text", "pairs", "pretraining"}
    assert ("text that is scored was read before" in message) is is_text
    check_run(with_parents(third, trained(demo_store, tmp_path / "plain")), scored(demo_store))


def demo_store_split(store: Store) -> dict[str, Any]:
    split = DataSplit(store, "test", ("de-DE",))
    return {"partition": "test", "locales": ["de-DE"], "rows": split.rows, "hash": split.hash}


def test_a_run_that_labelled_the_training_rows_is_in_the_chain(
    demo_store: Store, tmp_path: Path
) -> None:
    teacher = trained(demo_store, tmp_path / "teacher", train="test")
    store = pseudo_label(
        demo_store, teacher.path, tmp_path / "store", name="labelled", locales=LOCALES
    ).store
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    student = train_run(recipe, lay_task(task_of(), demo_store, store), tmp_path / "student")
    message = refusal(student, scored(demo_store))
    assert f"run {student.path} > run {teacher.path}: it was trained on labels of test" in message


def test_scored_rows_that_a_run_labelled_are_not_trained_on(
    demo_store: Store, tmp_path: Path
) -> None:
    teacher = trained(demo_store, tmp_path / "teacher")
    store = pseudo_label(
        demo_store,
        teacher.path,
        tmp_path / "store",
        name="labelled",
        locales=LOCALES,
        partitions=("test",),
    ).store
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    task_data = lay_task(task_of(train="test"), demo_store, store)
    student = train_run(recipe, task_data, tmp_path / "student")
    assert f"run {student.path}: it was trained on labels" in refusal(student, scored(demo_store))


def test_a_student_has_read_what_its_teacher_has(
    demo_store: Store, tmp_path: Path, runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = RunFolder(runs["encoder"])
    student, grandchild = (trained(demo_store, tmp_path / name) for name in ("one", "two"))
    with monkeypatch.context() as patch:
        patch.setattr(EncoderRecipe, "text_partitions", lambda _: {KEY: "test"})
        with_parents(student, teacher)
        with_parents(grandchild, student)
        # Other settings of inference take the place of those that read it.
        assert "texts_read" not in facts_of_parents([teacher], [teacher])[0]
        message = refusal(teacher, scored(demo_store))
        assert f"massive-kit configure {teacher.path} --out NEW -o {KEY}=train" in message
        check_run(teacher, scored(demo_store), configured=True)
    message = refusal(grandchild, scored(demo_store))
    chain = f"run {grandchild.path} > run {student.path} > run {teacher.path}"
    assert f"{chain}: its {KEY} is test, whose text the task scores" in message
    check_run(grandchild, scored(demo_store, test="dev"))
    with pytest.raises(ConfigError, match="whose text the task scores"):
        check_run_against(grandchild, task_of())


def test_a_configured_run_keeps_what_the_teacher_of_its_parent_has_read(
    demo_store: Store, tmp_path: Path, runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    student = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "student"))
    with monkeypatch.context() as patch:
        patch.setattr(EncoderRecipe, "text_partitions", lambda _: {KEY: "test"})
        with_parents(student, RunFolder(runs["encoder"]))
        made = RunOfRuns([student], student.recipe(), student.task(), student.facts()["data"])
        configured = made.write(tmp_path / "configured", lambda _: {})
    message = refusal(configured, scored(demo_store))
    chain = f"run {configured.path} > run {student.path} > run {runs['encoder']}"
    assert message.count("whose text the task scores") == 1
    assert chain in message


def test_another_name_of_the_data_hides_nothing(demo_store: Store, tmp_path: Path) -> None:
    other = renamed(demo_store, tmp_path / "other")
    part = derive(
        other, Sample(per_intent=1, partitions=("test",)), tmp_path / "part", name="part"
    ).store
    few = replace(other, name="few", parts={name: other.parts[name] for name in LOCALES})
    for number, store in enumerate((demo_store, other, part)):
        run = trained(store, tmp_path / f"run-{number}", train="test")
        for seen in (demo_store, other, part):
            assert "trained on labels of test" in refusal(run, scored(seen))
        check_run(run, scored(other, test="train"))
    # Imported again with fewer languages, it has another name and another hash.
    assert "trained on labels" in refusal(
        trained(demo_store, tmp_path / "whole", train="test"), scored(few)
    )
    ids = frozenset(other.read("test", ["en-US"], ["id"]).column("id").to_pylist()[:5])
    subset = with_subset(other, Subset("test", ids), LOCALES, "here")
    assert "trained on labels" in refusal(run, scored(subset))


def test_runs_of_earlier_versions_are_known_by_the_names_of_their_data(
    demo_store: Store, tmp_path: Path
) -> None:
    run = trained(demo_store, tmp_path / "run", train="test", dev="test")
    data = run.facts()["data"]
    del data["origins"]
    data["train"]["hash"] = data["dev"]["hash"] = "unknown"
    with_facts(run, BEST | {"data": data})
    message = refusal(run, scored(demo_store))
    assert "trained on labels of test" in message
    assert "selected checkpoints" in message
    data |= {"name": "test here", "train": data["train"] | {"store": "demo + train here"}}
    with_facts(run, {"data": data})
    check_run(run, scored(renamed(demo_store, tmp_path / "other")))


def test_a_run_of_runs_is_refused_for_the_member_that_saw_it(
    demo_store: Store, tmp_path: Path
) -> None:
    members: Sequence[RunFolder] = [
        trained(demo_store, tmp_path / "honest"),
        trained(demo_store, tmp_path / "not", train="test"),
    ]
    joined = joined_data([member.facts()["data"] for member in members])
    assert joined["origins"] == members[0].facts()["data"]["origins"]
    both = with_facts(
        trained(demo_store, tmp_path / "both"),
        {"data": joined, "parents": facts_of_parents(members)},
    )
    message = refusal(both, scored(demo_store))
    assert message.count("which the task scores") == 1
    assert f"run {both.path} > run {members[1].path}: it was trained on labels of test" in message
    # Test rows of other data beside training rows of these are no test rows of these.
    other = members[1].facts()["data"]
    other |= {"name": "x", "origins": {"train": ["x"], "dev": ["x"]}}
    other["train"] |= {"hash": "unknown"}
    with_facts(members[1], {"data": other})
    joined = joined_data([member.facts()["data"] for member in members])
    assert joined["train"]["partition"] == "train + test"
    check_run(
        with_facts(both, {"data": joined, "parents": facts_of_parents(members)}),
        scored(demo_store),
    )
