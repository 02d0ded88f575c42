"""Share of predicted slot spans that are right."""

from massive_kit.score.metrics.ratio import Ratio

METRIC = Ratio("slot_precision", "slot precision", {"tp": 1}, {"predicted": 1})
