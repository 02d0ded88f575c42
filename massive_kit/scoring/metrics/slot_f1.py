"""Micro F1 over slot spans (the reference's `slot_micro_f1`, seqeval's default mode)."""

from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio(METRIC_INFO["slot_f1"], {"tp": 2}, {"predicted": 1, "gold": 1})
