"""What the main metrics and the averages are called, and in which order they stand.

Whatever shows, ranks by or asks for a metric or an average reads it from here. Metrics beyond the
main ones say the same of themselves in their module under `scoring/metrics/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Metric = Literal["intent_accuracy", "slot_f1", "exact_match"]
Average = Literal["pooled", "macro_locales", "macro_genera"]
# Further means that a reader of a board may choose; they are made from the scores of locales.
ChosenMean = Literal["macro_families", "macro_scripts", "weighted_speakers", "worst_ten"]
Mean = Average | ChosenMean
# In the order of tables, and of the last axis of the replicates in `stats.npz`.
MAIN_METRICS: tuple[Metric, ...] = get_args(Metric)
AVERAGES: tuple[Average, ...] = get_args(Average)
CHOSEN_MEANS: tuple[ChosenMean, ...] = get_args(ChosenMean)
MEANS: tuple[Mean, ...] = (*AVERAGES, *CHOSEN_MEANS)
# What systems are ranked by and checkpoints are chosen by where nobody says otherwise.
DEFAULT_METRIC: Metric = "exact_match"
DEFAULT_AVERAGE: Average = "pooled"


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How people read a metric.

    Attributes:
        name: As in `scores.json`.
        title: Within a sentence, such as `intent accuracy`.
        short: Above a narrow column.
        order: Its place among all metrics; the main ones come first.
        higher_is_better: Whether a higher score is a better one.
    """

    name: str
    title: str
    short: str
    order: int
    higher_is_better: bool = True

    @property
    def heading(self) -> str:
        """The title with a capital letter."""
        return self.title[:1].upper() + self.title[1:]

    def gain(self, difference: float) -> float:
        """A difference of two scores, positive where the second is the better one."""
        return difference if self.higher_is_better else -difference


@dataclass(frozen=True, slots=True)
class AverageInfo:
    """How people read an average.

    Attributes:
        name: As in `scores.json`.
        title: Among researchers, such as `macro over locales`.
        public_title: On the board, such as `mean over languages`.
        short: Above a narrow column, beside the metric.
    """

    name: Mean
    title: str
    public_title: str
    short: str


METRIC_INFO: dict[str, MetricInfo] = {
    info.name: info
    for info in (
        MetricInfo("intent_accuracy", "intent accuracy", "intent acc", 1),
        MetricInfo("slot_f1", "slot F1", "slot F1", 2),
        MetricInfo("exact_match", "exact match", "exact match", 3),
    )
}
AVERAGE_INFO: dict[str, AverageInfo] = {
    info.name: info
    for info in (
        AverageInfo("pooled", "pooled over utterances", "pooled over utterances", "pooled"),
        AverageInfo("macro_locales", "macro over locales", "mean over languages", "languages"),
        AverageInfo("macro_genera", "macro over genera", "mean over genera", "genera"),
    )
}
MEAN_INFO: dict[str, AverageInfo] = AVERAGE_INFO | {
    info.name: info
    for info in (
        AverageInfo("macro_families", "macro over families", "mean over families", "families"),
        AverageInfo("macro_scripts", "macro over scripts", "mean over scripts", "scripts"),
        AverageInfo(
            "weighted_speakers", "weighted by speakers", "mean weighted by speakers", "speakers"
        ),
        AverageInfo(
            "worst_ten", "worst ten locales", "mean over the ten worst languages", "worst ten"
        ),
    )
}
