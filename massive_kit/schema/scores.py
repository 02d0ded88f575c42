"""`scores.json`: everything that a score page or a paper table shows of one system on one task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.metrics import MAIN_METRICS, Average
from massive_kit.schema.task import Setting

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


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

    def estimates(self) -> dict[str, Estimate]:
        """All scores by metric."""
        named = {
            name: getattr(self, name) for name in (*MAIN_METRICS, "slot_precision", "slot_recall")
        }
        return {name: value for name, value in named.items() if value is not None} | self.more


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
    averages: dict[Average, ScoreSet]
    groups: dict[str, dict[str, GroupScores]] = {}
    transfer: dict[str, TransferGap] = {}
    intents: dict[str, LabelReport] = {}
    slots: dict[str, LabelReport] = {}

    def to_frame(self) -> pd.DataFrame:
        """The scores as a pandas data frame, one row per score.

        Columns: `kind` (locale, average, or the column grouped by), `key`, `n` (utterances of a
        locale, locales of an average or group), `metric`, `value`, `low`, `high`.
        """
        import pandas as pd

        rows = [
            {"kind": kind, "key": key, "n": n, "metric": metric, **estimate.model_dump()}
            for kind, key, n, score_set in self._sets()
            for metric, estimate in score_set.estimates().items()
        ]
        return pd.DataFrame(rows, columns=["kind", "key", "n", "metric", "value", "low", "high"])

    def _sets(self) -> Iterator[tuple[str, str, int, ScoreSet]]:
        for name, average in self.averages.items():
            yield "average", name, len(self.averaged), average
        for locale, locale_scores in self.locales.items():
            yield "locale", locale, locale_scores.n, locale_scores
        for by, groups in self.groups.items():
            for value, group in groups.items():
                yield by, value, len(group.locales), group


class Spread(Strict):
    """A score over several runs: mean and standard deviation (n - 1)."""

    mean: float
    sd: float = Field(ge=0)
    values: list[float]


class MetricSpreads(Strict):
    """The main metrics over several runs."""

    intent_accuracy: Spread
    slot_f1: Spread
    exact_match: Spread


class SeedScores(Strict):
    """`seeds.json`: several runs of one recipe, scored on one task."""

    format: Literal[1] = 1
    task: str
    setting: Setting
    data: DataRef
    compat: Literal["alexa"] | None = None
    runs: int = Field(ge=2)
    averages: dict[Average, MetricSpreads]
    locales: dict[str, MetricSpreads]
    groups: dict[str, dict[str, MetricSpreads]] = {}
