"""The guard: a rewrite whose live record falls behind is withdrawn.

After the "self-aware" system of Ponnusamy et al. 2022 (arxiv.org/abs/2205.00029), with Beta
posteriors. A rewrite is withdrawn where the upper bound of its live success rate lies under

- the upper bound of the success rate that the interpretation had before (behind the original), or
- what was promised when it was made, `(1 - rate) * share_low` (behind its promise).

The second one ends rewrites of what had always failed, too, which can hardly fall behind it.
"""

from __future__ import annotations

from dataclasses import replace

from massive_kit.feedback.beta import CONFIDENCE, upper_bound
from massive_kit.feedback.counting import LiveRecord
from massive_kit.feedback.rewrites import Rewrite


def guarded(rewrite: Rewrite, record: LiveRecord, confidence: float = CONFIDENCE) -> Rewrite:
    """A rewrite after more live turns, withdrawn where its record fell behind.

    Args:
        rewrite: The rewrite with its record so far.
        record: What is added to it.
        confidence: Of the bounds.
    """
    successes = rewrite.live_successes + record.successes
    failures = rewrite.live_failures + record.failures
    later = replace(rewrite, live_successes=successes, live_failures=failures)
    if rewrite.state == "withdrawn" or not successes + failures:
        return later
    evidence = rewrite.evidence
    live = float(upper_bound(successes, failures, confidence))
    original = float(
        upper_bound(evidence.successes, evidence.turns - evidence.successes, confidence)
    )
    if live < original:
        reason = f"behind the original: at most {live:.2f} live, {original:.2f} before"
    elif live < evidence.promised:
        reason = f"behind its promise: at most {live:.2f} live, {evidence.promised:.2f} promised"
    else:
        return later
    return replace(later, state="withdrawn", reason=reason)
