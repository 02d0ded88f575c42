"""Micro F1 of slot boundaries with half credit for overlap (nervaluate's `partial`)."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("slot_f1_partial", "slot F1 partial", "slot F1 partial", 24)
METRIC = Ratio(_INFO, {"boundary": 2, "partial": 1}, {"predicted": 1, "gold": 1})
