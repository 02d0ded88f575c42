"""Share of gold slot spans that are found."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("slot_recall", "slot recall", {"tp": 1}, {"gold": 1})
