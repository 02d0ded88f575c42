"""Micro F1 of slot boundaries, whatever the slot (nervaluate's `exact`)."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("slot_f1_boundary", "boundary F1", {"boundary": 2}, {"predicted": 1, "gold": 1})
