"""Share of utterances whose intent is right (the reference's `intent_acc`).

Only utterances with a gold intent count.
"""

from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio(METRIC_INFO["intent_accuracy"], {"intent_right": 1}, {"with_intent": 1})
