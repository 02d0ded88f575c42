"""Share of utterances whose intent belongs to the right scenario (domain)."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("scenario_accuracy", "scenario acc", {"scenario_right": 1}, {"n": 1})
