"""Share of utterances whose intent belongs to the right scenario (domain).

Only utterances whose gold intent has a scenario count.
"""

from massive_kit.schema.metrics import MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

_INFO = MetricInfo("scenario_accuracy", "scenario accuracy", "scenario accuracy", 21)
METRIC = Ratio(_INFO, {"scenario_right": 1}, {"with_scenario": 1})
