"""A second opinion: seqeval and scikit-learn on the same labels, so nobody must trust our counts.

This is slow (Python lists of strings) and needs the extra `train`; it runs only when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme, scheme_labels
from massive_kit.errors import MissingExtraError
from massive_kit.schema.scores import Scores
from massive_kit.scoring.alignment import Aligned

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Agreement:
    """One number, twice.

    Attributes:
        where: A locale, or `pooled`.
        metric: The metric.
        tool: Who else computed it.
        ours: Our value.
        theirs: The other's.
    """

    where: str
    metric: str
    tool: str
    ours: float
    theirs: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for rounding."""
        return abs(self.ours - self.theirs) <= TOLERANCE


def iob2(labels: list[str], scheme: SpanScheme) -> list[str]:
    """Token labels as IOB2.

    Under `runs` a label that differs from the one before it begins a span, as in the reference.
    """
    if scheme == "runs":
        labels = scheme_labels(labels, (), "brackets")
    return ["O" if label == OTHER else label for label in labels]


def cross_check(aligned: Aligned, scores: Scores) -> list[Agreement]:
    """Slot F1 by seqeval, accuracies by scikit-learn: for each locale, and pooled.

    Under `brackets` seqeval is strict, so that only tags which say where spans begin agree.

    Raises:
        MissingExtraError: seqeval is not installed.
    """
    try:
        from seqeval.metrics import f1_score
        from seqeval.scheme import IOB2
        from sklearn.metrics import accuracy_score
    except ImportError:
        raise MissingExtraError("train", "--cross-check") from None
    gold, predicted = aligned.gold, aligned.predicted
    gold_tags, predicted_tags = _tags(gold), _tags(predicted)
    strict = {"mode": "strict", "scheme": IOB2} if gold.inventory.scheme == "brackets" else {}
    agreements = []
    averaged = [i for i, name in enumerate(gold.locales) if name in scores.averaged]
    places = [(name, np.flatnonzero(gold.locale == i)) for i, name in enumerate(gold.locales)]
    places.append(("pooled", np.flatnonzero(np.isin(gold.locale, averaged))))
    for name, chosen in places:
        rows = chosen.tolist()
        if not rows:
            continue
        ours = scores.averages["pooled"] if name == "pooled" else scores.locales[name]
        true, guessed = [gold_tags[i] for i in rows], [predicted_tags[i] for i in rows]
        f1 = float(f1_score(true, guessed, zero_division=0, **strict))
        intents = gold.intents[chosen], predicted.intents[chosen]
        accuracy = float(accuracy_score(*intents))
        exact = float(
            accuracy_score(
                [f"{i} {' '.join(t)}" for i, t in zip(intents[0], true, strict=True)],
                [f"{i} {' '.join(t)}" for i, t in zip(intents[1], guessed, strict=True)],
            )
        )
        agreements += [
            Agreement(name, metric, tool, estimate.value, theirs)
            for metric, tool, estimate, theirs in (
                ("slot_f1", "seqeval", ours.slot_f1, f1),
                ("intent_accuracy", "scikit-learn", ours.intent_accuracy, accuracy),
                ("exact_match", "scikit-learn", ours.exact_match, exact),
            )
            # Both tools give 0 where the score is not defined.
            if estimate is not None
        ]
    return agreements


def _tags(columns: LabelColumns) -> list[list[str]]:
    inventory = columns.inventory
    # seqeval drops hyphens around a name, and takes what follows a tag's first letter for one.
    numbered = tuple(map(str, range(len(inventory.slots))))
    columns = replace(columns, inventory=replace(inventory, slots=numbered))
    return [iob2(columns.row_labels(row), inventory.scheme) for row in range(len(columns))]
