"""The loss that the model itself computes from the labels of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from torch import Tensor

    from massive_kit.engine.objectives import Objective


class Settings(Strict):
    """There is nothing to set."""


def build(settings: Settings) -> Objective:
    """The model's own loss."""
    del settings
    return own_loss


def own_loss(model: Any, batch: Mapping[str, Tensor]) -> Tensor:
    """What the model's forward pass returns as `loss`."""
    loss: Tensor = model(**batch).loss
    return loss
