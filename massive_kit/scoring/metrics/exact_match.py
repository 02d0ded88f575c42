"""Share of utterances with intent and every token label right (the reference's `ex_match_acc`).

Where the gold labels name no intent, the slots alone decide.
"""

from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio(METRIC_INFO["exact_match"], {"exact": 1}, {"n": 1})
