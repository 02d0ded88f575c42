"""Nine colours from pale to dark for scores, and nine from worse to better for differences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from massive_kit.publish import cells

STEPS = 9


@dataclass(frozen=True, slots=True)
class ColourScale:
    """Equal parts between two scores, a colour each.

    Attributes:
        low: The score at the pale end of the colours.
        high: The score at the dark end.
    """

    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> ColourScale:
        """From the lowest of some scores to the highest."""
        known = list(values)
        return cls(min(known, default=0.0), max(known, default=1.0))

    def step(self, value: float) -> int:
        """Which of the nine colours a score gets."""
        if self.high <= self.low:
            return STEPS // 2
        return min(max(int((value - self.low) / (self.high - self.low) * STEPS), 0), STEPS - 1)

    def legend(self) -> list[tuple[int, str]]:
        """Each colour and the score that it begins at; then where the last one ends."""
        width = (self.high - self.low) / STEPS
        return [(step, cells.percent(self.low + width * step)) for step in range(STEPS + 1)]


@dataclass(frozen=True, slots=True)
class GapScale:
    """Equal parts around no difference, a colour each; the one in the middle is neither.

    Attributes:
        reach: The largest difference, in 0..1.
    """

    reach: float

    def step(self, gain: float) -> int:
        """Which of the nine colours a difference gets; 4 is the middle."""
        if self.reach <= 0:
            return STEPS // 2
        return min(max(round(gain / self.reach * (STEPS // 2)) + STEPS // 2, 0), STEPS - 1)

    def legend(self) -> list[tuple[int, str]]:
        """Each colour and the difference in its middle, in points."""
        half = STEPS // 2
        return [(step, cells.signed((step - half) / half * self.reach)) for step in range(STEPS)]
