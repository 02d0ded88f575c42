"""A pull towards the start weights, so that training forgets less of what they know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from massive_kit.engine.objectives import Objective


class PulledObjective:
    """A loss, and half the squared distance to the start weights times a factor.

    L2-SP of Li, Grandvalet and Davoine 2018; the distance is over all weights that are pulled.
    """

    def __init__(
        self, objective: Objective, weight: float, pulled: Mapping[str, nn.Parameter]
    ) -> None:
        self.objective = objective
        self.weight = weight
        # The weights as they are now, which a run that goes on has, too, when it begins anew.
        self._pulled = [(parameter, parameter.detach().clone()) for parameter in pulled.values()]

    def __call__(self, model: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of a batch with the pull."""
        return self.objective(model, batch) + 0.5 * self.weight * self.distance()

    def distance(self) -> Tensor:
        """The squared distance, a scalar."""
        # The model comes to its device after this is made.
        self._pulled = [(weight, start.to(weight.device)) for weight, start in self._pulled]
        parts = [
            functional.mse_loss(weight, start, reduction="sum") for weight, start in self._pulled
        ]
        total: Tensor = sum(parts[1:], parts[0])
        return total
