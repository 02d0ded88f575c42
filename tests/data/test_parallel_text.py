"""Ids lend their labels or stand in pairs, never both, and pairs have no labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.mix import Mix
from massive_kit.data.derive.noise import Noise
from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import UsedResource
from massive_kit.data.parallel_text import check_overlap, parallel_text, without_pairs
from massive_kit.data.resources import used_resources
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError, LabelsUnreachableError
from massive_kit.schema.pairs import PairSettings
from massive_kit.schema.task import load_task

SETTINGS = PairSettings(ids=0.5, locales=["en-US", "sw-KE", "de-DE"])


@pytest.fixture(scope="module")
def strict(demo_store: Store) -> TaskData:
    return lay_task(load_task("massive-zeroshot-strict"), demo_store)


def ids_of(split: DataSplit) -> set[str]:
    return {*split.read(["id"]).column("id").to_pylist()}


def test_a_share_of_ids_hangs_on_the_seed_and_the_id_alone() -> None:
    ids = [str(number) for number in range(4000)]
    held = [identity for identity in ids if IdSplit(0.25, 0).holds(identity)]
    assert 900 < len(held) < 1100
    # A larger share holds a smaller one; another seed another share.
    assert all(IdSplit(0.5, 0).holds(identity) for identity in held)
    assert len([identity for identity in held if IdSplit(0.25, 1).holds(identity)]) < 350
    # Other versions and machines have to draw the same.
    assert [name for name in "012345" if IdSplit(0.5, 0).holds(name)] == ["0", "4", "5"]


def test_ids_of_pairs_lend_no_labels(strict: TaskData) -> None:
    pairs = parallel_text(strict, SETTINGS).split
    labelled = without_pairs(strict, SETTINGS).train
    assert pairs.locales == ("de-DE", "en-US", "sw-KE")
    assert labelled.locales == ("en-US",)
    assert not ids_of(pairs) & ids_of(labelled)
    assert ids_of(pairs) | ids_of(labelled) == ids_of(strict.train)
    assert pairs.rows == 3 * len(ids_of(pairs))
    assert len(labelled.labels().intents) == labelled.rows == len(ids_of(labelled))
    # Caches and signatures tell the parts from the whole.
    assert len({pairs.only("en-US").hash, labelled.hash, strict.train.hash}) == 3
    assert without_pairs(without_pairs(strict, SETTINGS), SETTINGS).train == labelled


def test_labels_of_pairs_are_out_of_reach(strict: TaskData) -> None:
    pairs = parallel_text(strict, SETTINGS).split
    assert pairs.read().column_names == ["id", "locale", "partition", "utt", "tokens", "worker_id"]
    for locale_split in pairs.by_locale():
        with pytest.raises(LabelsUnreachableError):
            locale_split.read(["intent"])
        with pytest.raises(LabelsUnreachableError):
            locale_split.labels()


def test_the_pivot_is_the_source_where_it_is_paired(strict: TaskData) -> None:
    assert parallel_text(strict, SETTINGS).pivot == "en-US"
    others = SETTINGS.model_copy(update={"locales": ["sw-KE", "de-DE"]})
    assert parallel_text(strict, others).pivot is None
    swahili = SETTINGS.model_copy(update={"pivot": "sw-KE"})
    assert parallel_text(strict, swahili).pivot == "sw-KE"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"locales": "task"}, "objective.pairs.locales means en-US; expected two locales or more"),
        ({"locales": ["en-US", "xx-XX"]}, "xx-XX"),
        ({"pivot": "fr-FR"}, "objective.pairs.pivot is 'fr-FR'; expected one of de-DE, en-US"),
    ],
)
def test_what_does_not_fit_is_told(
    changes: dict[str, object], sentence: str, strict: TaskData
) -> None:
    with pytest.raises(ConfigError) as caught:
        parallel_text(strict, SETTINGS.model_copy(update=changes))
    assert sentence in str(caught.value)


def test_an_overlap_is_refused_with_its_size_and_the_chain(strict: TaskData) -> None:
    pairs = parallel_text(strict, SETTINGS).used().through("run aligned")
    (labels,) = used_resources(strict)
    with pytest.raises(ConfigError, match="ids that are read in pairs lend their labels") as caught:
        check_overlap([labels, pairs], strict.train)
    count = len(ids_of(parallel_text(strict, SETTINGS).split))
    (problem,) = caught.value.problems
    assert str(problem) == (
        f"run aligned, made of store demo: {count} of its {count} ids in pairs have labels that"
        " store demo is trained on; expected no id both in a pair and with its labels, which are"
        " the same in every language (leave their labels out: -o objective.pairs.ids=0.5 -o"
        " objective.pairs.seed=0)"
    )
    # Left out in part only.
    fewer = without_pairs(strict, SETTINGS.model_copy(update={"ids": 0.4}))
    with pytest.raises(ConfigError, match=f"of its {count} ids in pairs have labels"):
        check_overlap([*used_resources(fewer), pairs], fewer.train)
    left_out = without_pairs(strict, SETTINGS)
    check_overlap([*used_resources(left_out), pairs], left_out.train)
    more = without_pairs(strict, SETTINGS.model_copy(update={"ids": 0.6}))
    check_overlap([*used_resources(more), pairs], more.train)
    check_overlap([labels, replace(labels, resource="unlabelled-text")], strict.train)


def test_a_row_made_of_another_is_where_that_one_is(
    strict: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    noisy = derive(demo_store, Noise(), tmp_path / "a", name="a", locales=["en-US"]).store
    store = derive([demo_store, noisy], Mix(), tmp_path / "b", name="b", locales=["en-US"]).store
    data = replace(strict, train=lay_task(strict.task, demo_store, store).train)
    left, plain = (ids_of(without_pairs(each, SETTINGS).train) for each in (data, strict))
    assert {identity.split("-")[0] for identity in left} == plain < left
    assert {f"{identity}-a" for identity in plain} < left


def test_a_run_keeps_which_ids_were_read() -> None:
    used = UsedResource(
        "parallel-text", ("store a",), locales=("en-US", "sw-KE"), ids=IdSplit(0.3, 4)
    )
    assert used.to_json()["ids"] == {"share": 0.3, "seed": 4}
    assert UsedResource.from_json(used.to_json()) == used
