"""Real predictions on real data: the original scorer's numbers, from its own code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from massive_kit.data.store import Store
from massive_kit.files import jsonio

pytestmark = pytest.mark.realdata
_NAMES = {
    "intent_acc": "intent_accuracy",
    "slot_micro_f1": "slot_f1",
    "ex_match_acc": "exact_match",
}


@pytest.mark.parametrize("kind", ["correct", "alexa"])
def test_eval_gives_the_published_scorers_numbers(
    kind: str, real_store: Store, shared_data: Path
) -> None:
    folder = shared_data / "predictions"
    command = [sys.executable, "-m", "massive_kit", "eval", str(folder / "predictions.jsonl.gz")]
    command += ["--task", "massive-full", "--data", str(real_store.path), "--format", "json"]
    command += ["--compat", "alexa"] if kind == "alexa" else []
    done = subprocess.run(command, capture_output=True, check=True)
    scores: dict[str, Any] = orjson.loads(done.stdout)
    expected = jsonio.read_json(folder / "expected.json")["expected"][kind]
    assert len(expected) == 52
    for place, numbers in expected.items():
        score_set = scores["averages"]["pooled"] if place == "all" else scores["locales"][place]
        for old, new in _NAMES.items():
            assert score_set[new]["value"] == pytest.approx(numbers[old], abs=1e-9), (place, new)
            assert score_set[new]["low"] <= score_set[new]["value"] <= score_set[new]["high"]
