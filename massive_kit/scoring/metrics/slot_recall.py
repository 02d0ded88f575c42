"""Share of gold slot spans that are found; 0 where there are predictions and no gold span."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("slot_recall", "slot recall", "slot R", 12)
METRIC = Ratio(_INFO, {"tp": 1}, {"gold": 1}, needs=("predicted", "gold"))
