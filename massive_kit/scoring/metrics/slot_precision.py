"""Share of predicted slot spans that are right; 0 where gold spans are met with no prediction."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("slot_precision", "slot precision", "slot P", 11)
METRIC = Ratio(_INFO, {"tp": 1}, {"predicted": 1}, needs=("predicted", "gold"))
