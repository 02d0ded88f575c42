"""`forecasts/<system>/<version>.json` of a leaderboard: scores that nobody measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from massive_kit.schema.config import Strict
from massive_kit.schema.line import Line
from massive_kit.schema.metrics import Metric


class BoardForecast(Strict):
    """A forecast in one language.

    Attributes:
        name: The English name of the language.
        value: The score, in 0..1.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    name: Line
    value: float = Field(ge=0, le=1, allow_inf_nan=False)
    low: float = Field(ge=0, le=1, allow_inf_nan=False)
    high: float = Field(ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> BoardForecast:
        if not self.low <= self.value <= self.high:
            raise ValueError("the forecast does not lie in its interval")
        return self


class BoardForecasts(Strict):
    """What a system would score in languages where it was not measured.

    Attributes:
        format: Version of this file's format.
        signature: That of the scores that were forecast from.
        metric: What is forecast.
        level: Share of cases that intervals should hold.
        error: Mean absolute error over the measured languages, each by a model made without it, in
            0..1.
        languages: The forecasts, by locale or code of a language.
        unlike: Why nothing is forecast, by locale or code.
    """

    format: Literal[1] = 1
    signature: str
    metric: Metric
    level: float = Field(gt=0, lt=1)
    error: float = Field(ge=0, le=1)
    languages: dict[str, BoardForecast]
    unlike: dict[str, str] = {}
