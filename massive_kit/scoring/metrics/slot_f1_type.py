"""Micro F1 of slots that overlap a gold span of the same slot (nervaluate's `ent_type`)."""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("slot_f1_type", "slot F1 type", "slot F1 type", 23)
METRIC = Ratio(_INFO, {"typed": 2}, {"predicted": 1, "gold": 1})
