"""Mean F1 over slots (seqeval's macro average), which no ratio of sums gives."""

from massive_kit.schema.metrics import MetricInfo

INFO = MetricInfo("slot_f1_macro_types", "slot F1 macro types", "slot F1 macro types", 25)
