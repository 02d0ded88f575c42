"""Rewrites: what to act on instead of an interpretation that fails, with the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from massive_kit.feedback.interpretations import Interpretation

State = Literal["live", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rewrite was made.

    Attributes:
        turns: Turns in which the system understood the failing interpretation.
        successes: Those of them that ended in success.
        ended: Episodes in which it failed, and that ended in success with the target.
        of: Episodes in which it failed, and that ended in success with anything else.
        chain: Of the successes that the chain expects after it, the share that the target has.
        share: `ended` of `of`, with the chain's share as a prior.
        share_low: Its lower bound.
        led_low: Lower bound of the share of `turns` whose episode ended with the target.
        reached: Episodes in which it failed, and the target came later, however they ended.
        reached_low: Lower bound of the share of these that ended in success with the target.
        target_turns: Turns in which the system understood the target.
        target_successes: Those of them that ended in success.
        target_low: Lower bound of that rate.
    """

    turns: int
    successes: int
    ended: int
    of: int
    chain: float
    share: float
    share_low: float
    led_low: float
    reached: int
    reached_low: float
    target_turns: int
    target_successes: int
    target_low: float

    @property
    def rate(self) -> float:
        """How often the failing interpretation succeeds."""
        return self.successes / max(1, self.turns)

    @property
    def promised(self) -> float:
        """How often the rewrite should succeed at least."""
        return (1 - self.rate) * self.share_low


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What to act on instead of something that fails.

    Attributes:
        locale: In which locale.
        source: What the system understands.
        target: What is acted on instead.
        evidence: Why.
        live_successes: Turns with the rewrite that ended in success.
        live_failures: Turns with the rewrite that did not.
        state: Whether it is acted on.
        reason: Why it was withdrawn.
    """

    locale: str
    source: Interpretation
    target: Interpretation
    evidence: Evidence
    live_successes: int = 0
    live_failures: int = 0
    state: State = "live"
    reason: str = ""
