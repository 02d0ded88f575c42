"""The most frequent intent, where there are intents."""

from __future__ import annotations

from pathlib import Path

from massive_kit.data.inventory import Inventory
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.systems.interface import Utterance
from massive_kit.systems.majority.counting import Majority
from massive_kit.systems.majority.system import MajoritySystem


def test_the_most_frequent_one_wins_and_the_first_of_equals() -> None:
    assert Majority.fit(["b", "a", "b", None]) == Majority("b", 2 / 3)
    assert Majority.fit(["b", "a"]) == Majority("a", 1 / 2)


def test_without_intents_none_is_predicted(tmp_path: Path) -> None:
    Majority.fit([None, None]).save(tmp_path)
    majority = Majority.load(tmp_path)
    assert majority == Majority(None, 0.0)
    system = MajoritySystem(majority, Inventory((), ("time",), {}), frozenset())
    (prediction,) = system.predict([Utterance("1", "de-DE", "um fünf", ["um", "fünf"])])
    assert prediction.intent is None
    assert b"pred_intent" not in prediction_line(prediction, "runs")
