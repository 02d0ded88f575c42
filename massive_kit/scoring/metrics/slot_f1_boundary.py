"""Micro F1 of slot boundaries, whatever the slot (nervaluate's `exact`)."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("slot_f1_boundary", "slot F1 boundary", "slot F1 boundary", 22)
METRIC = Ratio(_INFO, {"boundary": 2}, {"predicted": 1, "gold": 1})
