"""What the original's scorer does and this one refuses to do, for comparison only."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.data.tokens import OTHER


def pad_or_cut(predicted: Sequence[str], gold_length: int) -> list[str]:
    """Predicted labels made as long as the gold labels, as the reference's `eval_preds` does.

    A wrong tokenisation is scored that way as if it were a wrong prediction. Nothing in this
    package calls it; it is here so that the reference's answers on such input can be
    reproduced.
    """
    return [*predicted[:gold_length], *[OTHER] * (gold_length - len(predicted))]
