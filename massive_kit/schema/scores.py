"""`scores.json`: everything that a score page or a paper table shows of one system on one task.

What there are hundreds of in one file is a dataclass: checked like a model, in a quarter of its
memory and a fifth of its time, so that a board can hold the scores of a thousand systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.dataclasses import dataclass

from massive_kit.notebook import ShownAsTable
from massive_kit.schema.config import STRICT, Strict
from massive_kit.schema.metrics import MAIN_METRICS, Average
from massive_kit.schema.span_scheme import SpanScheme
from massive_kit.schema.subset_name import SubsetName
from massive_kit.schema.task import Setting

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Estimate:
    """A score in 0..1 with its interval; no interval where none can be computed.

    Attributes:
        value: The score, in 0..1.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float = Field(ge=0, le=1, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Difference:
    """A difference of two scores with its interval; no interval where none can be computed.

    Attributes:
        value: The difference, in -1..1.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float = Field(ge=-1, le=1, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=-1, le=1, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ScoreSet:
    """The metrics over some utterances; `null`, or missing in `more`, where there is no such score.

    Attributes:
        intent_accuracy: Share of the utterances whose intent is right; `null` where the gold labels
            name no intent.
        slot_f1: F1 over slot spans, which are right if label, first and last token are; `null`
            where neither side has a slot.
        exact_match: Share of the utterances whose intent and slots are all right; of the slots
            alone where the gold labels name no intent.
        slot_precision: Share of the predicted spans that are right; 0 where none is predicted, and
            `null` as `slot_f1`.
        slot_recall: Share of the gold spans that are predicted; 0 where there are none, and `null`
            as `slot_f1`.
        more: Further metrics by name, such as `scenario_accuracy` or `slot_f1_macro_types`.
    """

    intent_accuracy: Estimate | None
    slot_f1: Estimate | None
    exact_match: Estimate | None
    slot_precision: Estimate | None = None
    slot_recall: Estimate | None = None
    more: dict[str, Estimate] = field(default_factory=dict)

    def estimates(self) -> dict[str, Estimate]:
        """All scores by metric."""
        named = {
            name: getattr(self, name) for name in (*MAIN_METRICS, "slot_precision", "slot_recall")
        }
        return {name: value for name, value in named.items() if value is not None} | self.more


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LocaleScores(ScoreSet):
    """The metrics of one locale.

    Attributes:
        n: How many utterances were scored.
        tokens: How many tokens they have.
        gold_spans: How many slot spans the gold labels have.
        predicted_spans: How many slot spans were predicted.
    """

    n: int = Field(ge=0)
    tokens: int | None = Field(default=None, ge=0)
    gold_spans: int | None = Field(default=None, ge=0)
    predicted_spans: int | None = Field(default=None, ge=0)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class MeanScores(ScoreSet):
    """The metrics over some locales, each over those that have the score.

    Attributes:
        over: By metric, over how many locales the score runs, where some of them have none; what is
            not named here runs over all.
    """

    over: dict[str, int] = field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if not self.over:
            del values["over"]
        return values


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GroupScores(MeanScores):
    """The mean over the locales of a group.

    Attributes:
        locales: The locales of the group that were averaged over.
    """

    locales: list[str] = Field(min_length=1)


# How the slots of an utterance came from the source language.
SlotMethod = Literal["translated", "localised", "unchanged", "mixed", "no slots"]
SLOT_METHODS: tuple[SlotMethod, ...] = get_args(SlotMethod)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PartScores:
    """The metrics of a part of the utterances, pooled over some locales; `null` if not defined.

    Attributes:
        intent_accuracy: Share of the utterances whose intent is right.
        slot_f1: F1 over slot spans.
        exact_match: Share of the utterances whose intent and slots are all right.
        n: How many utterances there are.
        locales: The locales they are of.
    """

    intent_accuracy: Estimate | None
    slot_f1: Estimate | None
    exact_match: Estimate | None
    n: int = Field(ge=0)
    locales: list[str]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TransferGap:
    """A locale's score minus the source locale's, on the same utterances; `null` without one.

    Attributes:
        intent_accuracy: Difference of the intent accuracies.
        slot_f1: Difference of the slot F1 scores.
        exact_match: Difference of the exact match scores.
    """

    intent_accuracy: Difference | None
    slot_f1: Difference | None
    exact_match: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LabelReport:
    """Precision, recall and F1 of one intent or slot, pooled over the averaged locales.

    Attributes:
        precision: Share of its predictions that are right, in 0..1; 0 if it is never predicted.
        recall: Share of its gold labels that are predicted, in 0..1; 0 if there are none.
        f1: Harmonic mean of precision and recall, in 0..1.
        support: How many gold labels there are: utterances of an intent, spans of a slot.
        predicted: How many predictions there are.
    """

    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


class DataRef(Strict):
    """Which data were scored.

    Attributes:
        name: Name of the store.
        version: Version of the data set; empty if it is not known.
        hash: Hash of the content of the scored rows, 16 hexadecimal digits.
        partition: Name of the scored partition, such as `test`.
        subset: Where a part of the partition was scored, how many ids it has and a hash of them,
            such as `200@1a2b3c4d`; missing where all of it was.
    """

    name: str
    version: str
    hash: str
    partition: str
    subset: SubsetName | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if self.subset is None:
            del values["subset"]
        return values


class Interval(Strict):
    """How the intervals were made.

    Attributes:
        method: `bootstrap`, `as printed` in a paper, or `none`.
        unit: What a bootstrap resample draws.
        level: Confidence level of the intervals, such as 0.95.
        resamples: How many bootstrap resamples were drawn.
        seed: Seed of the resampling.
    """

    method: Literal["bootstrap", "as printed", "none"]
    unit: Literal["ids shared by all locales", "rows within each locale"] | None = None
    level: float = 0.95
    resamples: int | None = None
    seed: int | None = None


class Scores(ShownAsTable, Strict):
    """The scores of one system on one task.

    Averages and groups run over `averaged` only: in zero-shot settings without the training locale.
    A group's score and `macro_locales` are plain means of locale scores; `macro_genera` is the mean
    of the genera's means; `pooled` counts all utterances together, which is what the paper prints.
    A score that is not defined is absent, never 0; averages run over the locales that have it.

    Attributes:
        format: Version of this file's format.
        task: Name of the task.
        setting: The setting of the task.
        source_locale: The locale that transfer is measured from, if any.
        scorer: What computed the scores; those copied from papers come from the original scorer.
        compat: `alexa` if the gold labels are the original scorer's, its defect included.
        scheme: What a slot's span is: `runs`, a maximal run of tokens with one label, or
            `brackets`, each annotated span, also where two of one slot touch.
        signature: One line that names all that can change a score; scores with equal signatures may
            be compared.
        data: Which data were scored.
        interval: How the intervals were made.
        averaged: The locales that averages and groups run over.
        locales: The scores of each scored locale.
        averages: The scores under each kind of average.
        groups: The scores of groups of locales, by column of the language table and its value, such
            as `genus` and `Germanic`.
        transfer: By locale, its scores minus those of the source locale, on the same utterances.
        intents: Precision, recall and F1 of each intent that occurs.
        slots: Precision, recall and F1 of each slot that occurs.
        slot_methods: The scores of utterances whose slots were all translated, localised or left
            unchanged, in several of these ways, or that have none; missing where no row says.
    """

    format: Literal[1] = 1
    task: str
    setting: Setting
    source_locale: str | None = None
    scorer: Literal["massive-kit", "published, original scorer"] = "massive-kit"
    compat: Literal["alexa"] | None = None
    scheme: SpanScheme = "runs"
    signature: str
    data: DataRef
    interval: Interval
    averaged: list[str]
    locales: dict[str, LocaleScores]
    averages: dict[Average, MeanScores]
    groups: dict[str, dict[str, GroupScores]] = {}
    transfer: dict[str, TransferGap] = {}
    intents: dict[str, LabelReport] = {}
    slots: dict[str, LabelReport] = {}
    slot_methods: dict[SlotMethod, PartScores] = {}

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if not self.slot_methods:
            values.pop("slot_methods", None)
        return values

    def to_frame(self) -> pd.DataFrame:
        """The scores as a pandas data frame, one row per score.

        Columns: `kind` (locale, average, or the column grouped by), `key`, `n` (utterances of a
        locale; of an average or group the locales that have the score), `metric`, `value`, `low`,
        `high`. A score that is not defined has no row.
        """
        import pandas as pd

        rows = [
            {
                "kind": kind,
                "key": key,
                "n": score_set.over.get(metric, n) if isinstance(score_set, MeanScores) else n,
                "metric": metric,
                **asdict(estimate),
            }
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
    """A score over several runs.

    Attributes:
        mean: Mean over the runs, in 0..1.
        sd: Standard deviation over the runs, with n - 1 in the denominator.
        values: The score of each run.
    """

    mean: float
    sd: float = Field(ge=0)
    values: list[float]


class MetricSpreads(Strict):
    """The main metrics over several runs; `null` where not every run has the score.

    Attributes:
        intent_accuracy: Share of the utterances whose intent is right.
        slot_f1: F1 over slot spans.
        exact_match: Share of the utterances whose intent and slots are all right.
    """

    intent_accuracy: Spread | None
    slot_f1: Spread | None
    exact_match: Spread | None


class SeedScores(Strict):
    """`seeds.json`: several runs of one recipe, scored on one task.

    Attributes:
        format: Version of this file's format.
        task: Name of the task.
        setting: The setting of the task.
        data: Which data were scored.
        compat: `alexa` if the gold labels are the original scorer's, its defect included.
        scheme: What a slot's span is, as in `scores.json`.
        runs: How many runs there are.
        averages: The scores under each kind of average.
        locales: The scores of each locale.
        groups: The scores of groups of locales, by column of the language table and its value.
    """

    format: Literal[1] = 1
    task: str
    setting: Setting
    data: DataRef
    compat: Literal["alexa"] | None = None
    scheme: SpanScheme = "runs"
    runs: int = Field(ge=2)
    averages: dict[Average, MetricSpreads]
    locales: dict[str, MetricSpreads]
    groups: dict[str, dict[str, MetricSpreads]] = {}
