"""A course counts passes over the rows as its recipe does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massive_kit.engine.batches import Rows, plan_batches
from massive_kit.engine.trainer import Course, Silence
from massive_kit.schema.recipe import Optimiser, Training
from massive_kit.systems.dev_scores import DevTable


def course(epochs: float, accumulate: int = 1) -> Course:
    training = Training(epochs=epochs, accumulate=accumulate, batch_rows=2)
    lengths = np.full(40, 5, np.int64)
    plan = plan_batches(lengths, epochs=epochs, seed=0, rows=2)

    def evaluate(_: object) -> DevTable:
        raise NotImplementedError

    return Course(Rows(), plan, evaluate, Optimiser(), training, Path("log"), Silence())


@pytest.mark.parametrize("epochs", [0.2, 1, 2.5, 3])
@pytest.mark.parametrize("accumulate", [1, 3])
def test_a_run_ends_at_the_epochs_of_its_recipe(epochs: float, accumulate: int) -> None:
    found = course(epochs, accumulate)
    passed = [found.epoch(step) for step in range(found.steps + 1)]
    assert passed[0] == 0
    assert passed[-1] == pytest.approx(epochs)
    assert passed == sorted(passed)


def test_half_of_a_whole_epoch_is_half() -> None:
    assert course(2.5).epoch(10) == 0.5
    assert course(2.5).epoch(45) == pytest.approx(2.25)
