"""`scores.json`: everything that a score page or a paper table shows of one system on one task."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.task import Setting

FORMAT = 1
METRICS = ("intent_accuracy", "slot_f1", "exact_match")
AVERAGES = ("pooled", "macro_locales", "macro_genera")


class Estimate(Strict):
    """A score in 0..1 with its 95 % interval; no interval where none can be computed."""

    value: float = Field(ge=0, le=1, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)


class Difference(Strict):
    """A difference of two scores in -1..1 with its 95 % interval."""

    value: float = Field(ge=-1, le=1, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)


class ScoreSet(Strict):
    """The metrics over some utterances."""

    intent_accuracy: Estimate
    slot_f1: Estimate
    exact_match: Estimate
    slot_precision: Estimate | None = None
    slot_recall: Estimate | None = None
    # Further metrics by name, such as scenario_accuracy or slot_f1_macro_types.
    more: dict[str, Estimate] = {}


class LocaleScores(ScoreSet):
    """The metrics of one locale."""

    n: int = Field(ge=0, description="Utterances")
    tokens: int | None = Field(default=None, ge=0)
    gold_spans: int | None = Field(default=None, ge=0)
    predicted_spans: int | None = Field(default=None, ge=0)


class GroupScores(ScoreSet):
    """The mean over the locales of a group; n is the number of `locales`."""

    locales: list[str] = Field(min_length=1)


class TransferGap(Strict):
    """A locale's score minus the source locale's, on the same utterances."""

    intent_accuracy: Difference
    slot_f1: Difference
    exact_match: Difference


class LabelReport(Strict):
    """Precision, recall and F1 of one intent or slot, pooled over the averaged locales."""

    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


class DataRef(Strict):
    """Which data were scored."""

    name: str
    version: str
    hash: str
    partition: str


class Interval(Strict):
    """How the intervals were made."""

    method: Literal["bootstrap", "as printed", "none"]
    unit: Literal["ids shared by all locales", "rows within each locale"] | None = None
    level: float = 0.95
    resamples: int | None = None
    seed: int | None = None


class Scores(Strict):
    """The scores of one system on one task.

    Averages and groups run over `averaged` only: in zero-shot settings without the training locale.
    A group's score and `macro_locales` are plain means of locale scores; `macro_genera` is the mean
    of the genera's means; `pooled` counts all utterances together, which is what the paper prints.
    """

    format: Literal[1] = 1
    task: str
    setting: Setting
    source_locale: str | None = None
    scorer: Literal["massive-kit", "published, original scorer"] = "massive-kit"
    compat: Literal["alexa"] | None = None
    signature: str
    data: DataRef
    interval: Interval
    averaged: list[str]
    locales: dict[str, LocaleScores]
    averages: dict[Literal["pooled", "macro_locales", "macro_genera"], ScoreSet]
    groups: dict[str, dict[str, GroupScores]] = {}
    transfer: dict[str, TransferGap] = {}
    intents: dict[str, LabelReport] = {}
    slots: dict[str, LabelReport] = {}
