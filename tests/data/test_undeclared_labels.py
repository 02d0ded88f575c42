"""A corpus whose rows do not show all labels: what is declared holds, whatever the rows show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from massive_kit.data.declared_inventory import declared_inventory
from massive_kit.data.inspect.checks import check_store
from massive_kit.data.intake.importing import import_source
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError, DataError
from massive_kit.schema.task import Task, load_task
from massive_kit.scoring.prediction_files import evaluate_files
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from tests.data.held_out_corpus import LABELS, TASK, TEST, TRAIN, write_rows

NEAR = "(did you mean 'wecker_stelle'?)"
FEW = "intents: [wecker_stelle, musik_spielen]\nslots: [zeit, band]\n"

Import = Callable[..., Store]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Imports the train or the test rows, with what `--inventory` names."""
    write_rows(tmp_path / "train.jsonl", TRAIN)
    write_rows(tmp_path / "test.jsonl", TEST)
    for name, text in (("labels.yaml", LABELS), ("few.yaml", FEW)):
        (tmp_path / name).write_text(text, encoding="utf-8")

    def import_(name: str, inventory: str | None = None) -> Store:
        declared = declared_inventory(inventory) if inventory else None
        source, target = tmp_path / f"{name}.jsonl", tmp_path / "stores" / name
        return import_source(source, target, name=name, declared=declared).store

    return import_


def task_of(folder: Path, inventory: str | None = None) -> Task:
    path = folder / "own.yaml"
    line = f"inventory: {inventory}\n" if inventory else ""
    path.write_text(TASK + line, encoding="utf-8")
    return load_task(str(path))


def test_undeclared_labels_are_refused_at_import_all_at_once(
    imported: Import, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        imported("test", str(tmp_path / "few.yaml"))
    assert [(problem.line, problem.found) for problem in caught.value.problems] == [
        (1, f"the intent 'wecker_stellen' is not declared {NEAR}"),
        (2, "the intent 'licht_an' is not declared; the slot 'raum' is not declared"),
    ]
    assert {Path(problem.where).name for problem in caught.value.problems} == {"test.jsonl"}


def test_a_scenario_must_be_the_declared_one(tmp_path: Path) -> None:
    row = {"id": "0", "locale": "de-DE", "partition": "test", "utt": "an", "annot_utt": "an"}
    path = tmp_path / "rows.jsonl"
    path.write_bytes(orjson.dumps(row | {"intent": "licht_an", "scenario": "lamp"}) + b"\n")
    (tmp_path / "l.yaml").write_text("intents: {licht_an: light}\nslots: []\n")
    declared = declared_inventory(str(tmp_path / "l.yaml"))
    with pytest.raises(DataError, match="'lamp' of 'licht_an' is declared as 'light'"):
        import_source(path, tmp_path / "store", name="x", declared=declared)


def test_a_store_keeps_the_declared_order_and_check_lists_what_never_occurs(
    imported: Import, tmp_path: Path
) -> None:
    store = imported("test", str(tmp_path / "labels.yaml"))
    assert store.inventory.intents == (
        "wecker_stellen",
        "musik_spielen",
        "licht_an",
        "heizung_an",
    )
    assert store.inventory.slots == ("zeit", "raum", "band", "grad")
    gold = store.label_columns("test", ["de-DE"])
    assert gold.intents.tolist() == [0, 2]
    assert store.inventory.slot_numbers(gold.labels).tolist() == [0, 1, 0, 0, 2, 0, 0]
    report = check_store(store)
    assert report.ok
    assert report.never == {"intents": ["musik_spielen", "heizung_an"], "slots": ["band", "grad"]}
    assert check_store(imported("train")).never == {"intents": [], "slots": []}


PREDICTED = (
    # The first row has another intent and slot than the gold row; both are of the train rows.
    {"id": "0", "pred_intent": "musik_spielen", "pred_annot_utt": "um [band : acht] wecken"},
    {"id": "1", "pred_intent": "licht_an", "pred_annot_utt": "im [raum : keller] licht an"},
)


@pytest.mark.parametrize("inventory", ["labels.yaml", "{train}", "[{train}, {test}]"])
def test_a_task_declares_labels_that_its_test_rows_lack(
    inventory: str, imported: Import, tmp_path: Path
) -> None:
    train, test = imported("train"), imported("test")
    named = inventory.format(train=train.path, test=test.path)
    predictions = tmp_path / "p.jsonl"
    lines = [orjson.dumps({"locale": "de-DE", **row}) for row in PREDICTED]
    predictions.write_bytes(b"\n".join(lines) + b"\n")
    bare = TaskIndex.of(lay_task(task_of(tmp_path), test))
    refused = read_predictions([predictions], bare, allow_errors=True).report
    assert refused.counts == {"MK301": 1, "MK302": 1}
    assert "`inventory` has to declare it" in str(refused.problems[0].todo)
    task_data = lay_task(task_of(tmp_path, named), test)
    assert read_predictions([predictions], TaskIndex.of(task_data)).report.counts == {}
    # By hand: one intent of two is right; one span of two predicted and of two gold ones.
    scores = evaluate_files([predictions], task_data, resamples=0).evaluation.scores
    pooled = scores.averages["pooled"].estimates()
    assert pooled["intent_accuracy"].value == 0.5
    assert pooled["slot_f1"].value == 0.5
    assert pooled["exact_match"].value == 0.5


def test_rows_of_several_splits_are_counted_once(imported: Import, tmp_path: Path) -> None:
    task = task_of(tmp_path, "few.yaml")
    everywhere = task.model_copy(update={"train": task.test, "dev": task.test})
    with pytest.raises(ConfigError) as caught:
        lay_task(everywhere, imported("test"))
    counts = [problem.found.rpartition("; ")[2] for problem in caught.value.problems]
    assert counts == ["1 row, first de-DE/0", "1 row, first de-DE/1", "1 row, first de-DE/1"]


def test_a_task_whose_inventory_lacks_labels_of_its_data_is_refused(
    imported: Import, tmp_path: Path
) -> None:
    store = imported("test")
    with pytest.raises(ConfigError) as caught:
        lay_task(task_of(tmp_path, "few.yaml"), store)
    assert [problem.found for problem in caught.value.problems] == [
        f"the intent 'wecker_stellen' is not declared {NEAR}; 1 row, first de-DE/0",
        "the intent 'licht_an' is not declared; 1 row, first de-DE/1",
        "the slot 'raum' is not declared; 1 row, first de-DE/1",
    ]
    # Labels that are in the store's inventory alone are no labels of the data.
    spare = Inventory.of([(name, None) for name in ("a", "wecker_stellen", "licht_an")], ["raum"])
    wider = replace(store, inventory=replace(spare, slots=("raum", "zeit", "z")))
    laid = lay_task(task_of(tmp_path, "labels.yaml"), wider)
    assert laid.store.inventory.intents[0] == "wecker_stellen"


def test_no_number_comes_of_rows_with_labels_that_the_inventory_lacks(imported: Import) -> None:
    store = imported("test")
    narrow = replace(store, inventory=Inventory(("licht_an",), ("raum", "zeit"), {}))
    with pytest.raises(DataError, match="wecker_stellen"):
        narrow.label_columns("test", ["de-DE"])


def test_stores_imported_apart_fit_together(imported: Import, tmp_path: Path) -> None:
    train, test = imported("train"), imported("test")
    with pytest.raises(ConfigError, match="labels that the task does not know") as caught:
        lay_task(task_of(tmp_path), test, train)
    assert "`inventory: [train, test]`" in str(caught.value)
    with_both = lay_task(task_of(tmp_path, f"[{train.path}, {test.path}]"), test, train)
    declared = imported("test", str(train.path))
    assert declared.inventory == train.inventory
    for task_data in (with_both, lay_task(task_of(tmp_path), declared, train)):
        assert task_data.train.store.inventory == task_data.test.store.inventory
        # The test store has no dev rows; those beside the training rows select.
        assert task_data.dev.store.name == "train"
        assert task_data.dev.rows == 1
        assert {*train.inventory.intents} <= {*task_data.store.inventory.intents}


def test_massive_with_labels_of_its_own_has_no_need_of_the_data(tmp_path: Path) -> None:
    text = TASK.replace("[test]", "['1.1']").replace("{partition: dev}", "{partition: dev}")
    massive = Inventory.massive()
    more = replace(massive, intents=("zz_new", *massive.intents)).to_json()
    (tmp_path / "more.json").write_bytes(orjson.dumps(more))
    (tmp_path / "few.yaml").write_text(FEW)

    def index(inventory: str) -> TaskIndex | None:
        path = tmp_path / "own.yaml"
        path.write_text(f"{text}inventory: {inventory}\n")
        return TaskIndex.shipped_for(load_task(str(path)))

    wider = index("more.json")
    assert wider is not None
    assert wider.inventory.intents[0] == "zz_new"
    # Which of the others occur, only the data say.
    assert index("few.yaml") is None
