"""What a dev set gives while a model trains: numbers by name, and which of them decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DevReport:
    """Numbers of one evaluation.

    Attributes:
        values: Over the whole dev set, by metric.
        parts: The same for each part of it, such as a locale.
    """

    values: Values
    parts: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a dev set is scored, and what the best checkpoint and early stopping go by.

    Attributes:
        evaluate: Takes the model as it is; every process calls it at the same steps and gets the
            same report.
        metric: The name among the report's values that decides.
        greater_is_better: Whether a higher value of it is better.
    """

    evaluate: Callable[[Any], DevReport]
    metric: str
    greater_is_better: bool = True

    def better(self, value: float, than: float | None) -> bool:
        """Whether a value beats the best so far; anything beats none."""
        if than is None:
            return True
        return value > than if self.greater_is_better else value < than
