"""Share of predicted slot spans that are right."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("slot_precision", "slot precision", {"tp": 1}, {"predicted": 1})
