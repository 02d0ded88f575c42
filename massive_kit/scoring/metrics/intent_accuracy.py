"""Share of utterances whose intent is right (the reference's `intent_acc`)."""

from massive_kit.scoring.metrics.ratio import Ratio

METRIC = Ratio("intent_accuracy", "intent acc", {"intent_right": 1}, {"n": 1})
