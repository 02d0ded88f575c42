"""A training step on a GPU: it computes what the CPU computes, and waits for nothing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from massive_kit.data.task_data import TaskData
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.session import open_session
from massive_kit.engine.trainer import KitTrainer
from massive_kit.engine.transfers import on_device
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from massive_kit.systems.kind import kind_of
from tests.gpu.tiny_recipes import tiny

pytestmark = pytest.mark.filterwarnings("ignore:Synchronization debug mode:UserWarning")
FAMILIES = [
    "encoder",
    "packed encoder",
    "mt5 encoder",
    "mt5 text-to-text",
    # All that has to do with decoders needs the package of adapters.
    pytest.param("decoder", marks=pytest.mark.skipif(not find_spec("peft"), reason="no peft")),
    "pretraining",
]
# Until then libraries are loaded and memory is taken.
WARM = 3


@pytest.mark.gpu
@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_is_that_of_the_cpu(
    family: str, families: dict[str, dict[str, Any]], task_data: TaskData, tmp_path: Path
) -> None:
    assert_alike(family, families, task_data, tmp_path, torch.device("cuda"))


def assert_alike(
    family: str,
    families: dict[str, dict[str, Any]],
    task_data: TaskData,
    folder: Path,
    device: torch.device,
) -> None:
    """Loss and gradients of a batch with padding on the CPU and on a device, in fp32."""
    recipe = tiny(families[family], precision="fp32")
    session = open_session(recipe.training, recipe.optimiser, RunFolder(folder).workspace)
    inputs = kind_of(recipe).prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    # Without dropout, whose draws differ between devices.
    model = inputs.model.cpu().eval()
    batch = inputs.batches.__getitems__(np.arange(8))
    losses, gradients = [], []
    for place in (torch.device("cpu"), device):
        model.to(place).zero_grad()
        with known_padding(batch):
            loss = inputs.objective(model, on_device(batch, place))
        loss.backward()
        losses.append(loss.item())
        gradients.append(
            {
                name: weight.grad.cpu().clone()
                for name, weight in model.named_parameters()
                if weight.grad is not None
            }
        )
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    expected, computed = gradients
    assert expected.keys() == computed.keys()
    largest = max(float(gradient.abs().max()) for gradient in expected.values())
    for name, gradient in expected.items():
        assert torch.allclose(gradient, computed[name], rtol=1e-3, atol=1e-4 * largest), name


@pytest.mark.gpu
@pytest.mark.parametrize("family", FAMILIES)
def test_no_step_waits_for_the_device(
    family: str,
    families: dict[str, dict[str, Any]],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = KitTrainer.training_step
    watched: list[int] = []

    def training_step(self: KitTrainer, *arguments: Any, **options: Any) -> torch.Tensor:
        if self.state.global_step < WARM:
            return step(self, *arguments, **options)
        torch.cuda.set_sync_debug_mode("error")
        try:
            loss: torch.Tensor = step(self, *arguments, **options)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        watched.append(self.state.global_step)
        return loss

    monkeypatch.setattr(KitTrainer, "training_step", training_step)
    recipe = tiny(families[family], batch_tokens=256, evaluations=1)
    train_run(recipe, task_data, tmp_path / "run")
    assert watched


@pytest.mark.gpu
def test_nothing_waits_between_two_lines_of_the_log(
    families: dict[str, dict[str, Any]],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Transfers, gradient norm and optimiser as well.
    step, told = KitTrainer.training_step, KitTrainer._maybe_log_save_evaluate
    watched: list[int] = []

    def training_step(self: KitTrainer, *arguments: Any, **options: Any) -> torch.Tensor:
        if self.state.global_step >= WARM:
            torch.cuda.set_sync_debug_mode("error")
            watched.append(self.state.global_step)
        loss: torch.Tensor = step(self, *arguments, **options)
        return loss

    def tell(self: KitTrainer, *arguments: Any, **options: Any) -> None:
        if self.control.should_log or self.control.should_evaluate:
            torch.cuda.set_sync_debug_mode("default")
        told(self, *arguments, **options)

    monkeypatch.setattr(KitTrainer, "training_step", training_step)
    monkeypatch.setattr(KitTrainer, "_maybe_log_save_evaluate", tell)
    recipe = tiny(families["encoder"], batch_tokens=256, evaluations=1, log_steps=1000)
    try:
        train_run(recipe, task_data, tmp_path / "run")
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert watched
