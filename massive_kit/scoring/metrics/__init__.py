"""The metrics, one module each.

A metric that is a ratio of counts gets intervals, averages and paired tests by standing in
`METRICS`.
"""

from massive_kit.scoring.metrics import (
    exact_match,
    intent_accuracy,
    scenario_accuracy,
    slot_f1,
    slot_f1_boundary,
    slot_f1_partial,
    slot_f1_type,
    slot_precision,
    slot_recall,
)
from massive_kit.scoring.metrics.ratio import Ratio

# In the order of schema.scores.METRICS.
MAIN: tuple[Ratio, ...] = (intent_accuracy.METRIC, slot_f1.METRIC, exact_match.METRIC)
PARTS: tuple[Ratio, ...] = (slot_precision.METRIC, slot_recall.METRIC)
MORE: tuple[Ratio, ...] = (
    scenario_accuracy.METRIC,
    slot_f1_boundary.METRIC,
    slot_f1_type.METRIC,
    slot_f1_partial.METRIC,
)
METRICS: tuple[Ratio, ...] = (*MAIN, *PARTS, *MORE)

__all__ = ["MAIN", "METRICS", "MORE", "PARTS", "Ratio"]
