"""Labels and their integers."""

from __future__ import annotations

import numpy as np

from massive_kit.data.intake.part_writing import LabelsSeen
from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns


def columns(inventory: Inventory, *intents: int) -> LabelColumns:
    count = len(intents)
    return LabelColumns(
        inventory=inventory,
        locales=("en-US",),
        locale=np.zeros(count, np.int16),
        ids=np.arange(count).astype(str),
        intents=np.array(intents, np.int32),
        labels=np.zeros(0, np.int16),
        offsets=np.zeros(count + 1, np.int64),
    )


def test_the_scenario_of_an_intent() -> None:
    inventory = Inventory.of([("b_on", "b"), ("a_on", "a"), ("b_off", "b"), ("other", None)], [])
    assert inventory.intents == ("a_on", "b_off", "b_on", "other")
    assert inventory.scenario_names == ("a", "b")
    assert columns(inventory, 2, 0, 3, -1, 1).scenarios.tolist() == [1, 0, -1, -1, 1]


def test_an_intent_of_several_scenarios_has_none() -> None:
    pairs = [("query", "alarm"), ("query", "music"), ("set", "alarm"), ("set", None)]
    inventory = Inventory.of(pairs, [])
    assert inventory.scenarios == {"set": "alarm"}
    assert columns(inventory, 0, 1).scenarios.tolist() == [-1, 0]


def test_rows_with_intents_of_massive_keep_scenarios_of_their_own() -> None:
    massive = Inventory.massive()
    assert massive.scenarios["alarm_set"] == "alarm"
    pairs: set[tuple[str, str | None]] = {("alarm_set", "home"), ("qa_maths", "a")}
    pairs |= {("play_music", "play"), ("qa_maths", "b")}
    inventory = LabelsSeen(pairs, {"Other", "time"}).inventory()
    assert (inventory.intents, inventory.slots) == (massive.intents, massive.slots)
    assert inventory.scenarios["alarm_set"] == "home"
    assert "qa_maths" not in inventory.scenarios
    assert inventory.scenarios["alarm_query"] == "alarm"
    assert LabelsSeen({("alarm_set", "alarm"), ("qa_maths", None)}, set()).inventory() is massive


def test_a_corpus_without_scenarios() -> None:
    inventory = Inventory.of([("a", None)], [])
    assert inventory.scenario_names == ()
    assert columns(inventory, 0, -1).scenarios.tolist() == [-1, -1]


def test_every_intent_of_massive_begins_with_its_scenario() -> None:
    inventory = Inventory.massive()
    assert len(inventory.scenario_names) == 18
    for intent in inventory.intents:
        assert intent.startswith(f"{inventory.scenarios[intent]}_")
