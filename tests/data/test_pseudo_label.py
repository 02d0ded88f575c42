"""Text gets the labels that a system gives it, and nothing else of the rows is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

from massive_kit.data.confidences import CONFIDENCES
from massive_kit.data.derivation import derive
from massive_kit.data.inventory import Inventory
from massive_kit.data.lineage import LabellingRun, Lineage, UsedResource
from massive_kit.data.pseudo_label import Guess, PseudoLabel, surest
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, UsageError

USED = UsedResource("target-labels", ("store demo",), None, ("en-US",))
RUN = LabellingRun("runs/teacher", (USED,), {"run": "runs/teacher"})


@dataclass(frozen=True)
class PerfectTeacher:
    """One that is always right: it knows the labels by id."""

    store: Store
    sources: tuple[str, ...] = ("en-US",)
    run: LabellingRun = RUN

    @property
    def inventory(self) -> Inventory:
        return self.store.inventory

    def guesses(self, locale: str, rows: pa.Table) -> Sequence[Guess]:
        split = DataSplit(self.store, "train", (locale,))
        columns, names = split.labels(), self.inventory.labels
        by_id = {
            identity: Guess(
                self.inventory.intents[columns.intents[row]],
                [names[i] for i in columns.labels[slice(*columns.offsets[row : row + 2])]],
                1.0,
            )
            for row, identity in enumerate(columns.ids.tolist())
        }
        return [by_id[identity] for identity in rows["id"].to_pylist()]


@pytest.mark.parametrize("locale", ["sw-KE", "ja-JP", "km-KH"])
def test_the_labels_of_a_perfect_teacher_are_the_labels(
    demo_store: Store, tmp_path: Path, locale: str
) -> None:
    transform = PseudoLabel(PerfectTeacher(demo_store))
    made = derive(demo_store, transform, tmp_path / "made", name="made", locales=[locale])
    columns = ["id", "utt", "tokens", "intent", "scenario", "labels"]
    gold = demo_store.read("train", [locale], columns)
    assert made.store.read("train", [locale], columns).to_pylist() == gold.to_pylist()
    # Of the run's own locale all rows are kept, and of no other any that has labels of its own.
    assert {*made.store.parts["en-US"]} == {*demo_store.parts["en-US"]}
    assert {*made.store.parts[locale]} == {"train"}
    assert made.report.facts["languages"][locale]["taken"] == len(gold)
    # Nothing was compared, so nothing is said of it.
    assert "agreed" not in made.report.facts["languages"][locale]
    lines = (made.store.path / CONFIDENCES).read_text().splitlines()
    assert lines[0] == "locale\tpartition\tid\tconfidence"
    assert len(lines) == 1 + len(gold)


def test_touching_spans_stay_two(touching_store: Store, tmp_path: Path) -> None:
    (locale, *_) = touching_store.locales
    teacher = PerfectTeacher(touching_store, sources=("xx-XX",))
    made = derive(touching_store, PseudoLabel(teacher), tmp_path / "made", name="made")
    columns = ["id", "labels", "boundaries"]
    gold = touching_store.read("train", [locale], columns).to_pylist()
    assert any(row["boundaries"] for row in gold)
    assert made.store.read("train", [locale], columns).to_pylist() == gold


def test_a_store_knows_the_run_that_labelled_it_and_what_that_used(
    demo_store: Store, tmp_path: Path
) -> None:
    transform = PseudoLabel(PerfectTeacher(demo_store), share=0.5)
    made = derive(demo_store, transform, tmp_path / "made", name="made", locales=["sw-KE"])
    lineage = made.store.lineage
    assert lineage is not None
    assert Lineage.from_json(lineage.to_json()) == lineage
    assert lineage.parameters["share"] == 0.5
    assert "teacher" not in lineage.parameters
    used = {resource.resource: resource for resource in lineage.used("made")}
    assert used["target-labels"].by == ("store made", "run runs/teacher", "store demo")
    assert used["unlabelled-text"].locales == ("sw-KE",)
    assert made.store.labels_from == {"sw-KE": "en-US"}
    assert "labelled by run runs/teacher" in "\n".join(lineage.lines())
    again = replace(lineage, transform="mix", runs=(), parents=lineage.parents)
    assert [*again.labelling_runs()] == []


def test_of_each_intent_the_surest_are_taken() -> None:
    guesses = [
        Guess("frequent", [], 0.9),
        Guess("frequent", [], 0.8),
        Guess("frequent", [], 0.95),
        Guess("frequent", [], 0.7),
        Guess("rare", [], 0.2),
        Guess("doubtful", [], 0.99, agreed=False),
    ]
    assert surest(guesses, 0.0, 0.5) == [0, 2, 4]
    assert surest(guesses, 0.5, 1.0) == [0, 1, 2, 3]
    assert surest([], 0.0, 1.0) == []


def test_what_cannot_be_labelled_is_told(demo_store: Store, tmp_path: Path) -> None:
    teacher = PerfectTeacher(demo_store)

    def made(transform: PseudoLabel, *locales: str) -> None:
        derive(demo_store, transform, tmp_path / "made", name="made", locales=locales)

    with pytest.raises(UsageError, match="there is none to label"):
        made(PseudoLabel(teacher), "en-US")
    with pytest.raises(UsageError, match="--share above 0"):
        made(PseudoLabel(teacher, share=0), "sw-KE")
    with pytest.raises(MissingDataError, match="no extra of these locales"):
        made(PseudoLabel(teacher, partitions=("extra",)), "sw-KE")
    other = replace(demo_store, inventory=Inventory(("a",), ("b",), {}))
    with pytest.raises(ConfigError, match="it knows other intents"):
        made(PseudoLabel(PerfectTeacher(other)), "sw-KE")
