"""A plan counts passes over the rows as its recipe does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from massive_kit.engine.batches import BatchDataset, plan_batches
from massive_kit.engine.evaluation import DevReport, Evaluation
from massive_kit.engine.fit_plan import FitPlan
from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.engine.observer import SilentObserver
from massive_kit.engine.training_log import TrainingLog
from massive_kit.schema.optimiser import Optimiser
from massive_kit.schema.training import Training


def fit_plan(epochs: float, accumulate: int = 1) -> FitPlan:
    lengths = np.full(40, 5, np.int64)
    return FitPlan(
        batches=BatchDataset(),
        batch_plan=plan_batches(lengths, epochs=epochs, seed=0, rows=2),
        objective=own_loss,
        evaluation=Evaluation(lambda _: DevReport({"score": 0.0}), "score"),
        optimiser=Optimiser(),
        rate_factor=None,
        training=Training(epochs=epochs, accumulate=accumulate, batch_rows=2),
        log=TrainingLog(Path("log")),
        observer=SilentObserver(),
    )


@pytest.mark.parametrize("epochs", [0.2, 1, 2.5, 3])
@pytest.mark.parametrize("accumulate", [1, 3])
def test_a_run_ends_at_the_epochs_of_its_recipe(epochs: float, accumulate: int) -> None:
    plan = fit_plan(epochs, accumulate)
    passed = [plan.epoch(step) for step in range(plan.steps + 1)]
    assert passed[0] == 0
    assert passed[-1] == pytest.approx(epochs)
    assert passed == sorted(passed)


def test_half_of_a_whole_epoch_is_half() -> None:
    assert fit_plan(2.5).epoch(10) == 0.5
    assert fit_plan(2.5).epoch(45) == pytest.approx(2.25)


def test_a_metric_may_be_better_when_it_is_lower() -> None:
    loss = Evaluation(lambda _: DevReport({}), "perplexity", greater_is_better=False)
    assert loss.better(3.0, None)
    assert loss.better(3.0, 4.0)
    assert not loss.better(4.0, 3.0)
