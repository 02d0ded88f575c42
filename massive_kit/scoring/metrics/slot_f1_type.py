"""Micro F1 of slots that overlap a gold span of the same slot (nervaluate's `ent_type`)."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("slot_f1_type", "type F1", {"typed": 2}, {"predicted": 1, "gold": 1})
