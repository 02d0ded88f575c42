"""Micro F1 of slot boundaries with half credit for overlap (nervaluate's `partial`)."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio(
    "slot_f1_partial", "partial F1", {"boundary": 2, "partial": 1}, {"predicted": 1, "gold": 1}
)
