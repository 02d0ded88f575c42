"""Rewrites at prediction time, around any system; what is changed is counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from massive_kit.data.tokens import Tokens
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.placing import placed
from massive_kit.feedback.rewrites import Rewrite


@dataclass(slots=True)
class RewritingCounts:
    """What became of the predictions of a locale.

    Attributes:
        predictions: All predictions.
        rewritten: Those that were changed.
        unplaced: Those that were not, since the words lack a value of the rewrite.
    """

    predictions: int = 0
    rewritten: int = 0
    unplaced: int = 0


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What is acted on.

    Attributes:
        target: The interpretation.
        words: The tokens with its slots.
    """

    target: Interpretation
    words: Tokens


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Rewrites interpretations by the live rows of a table.

    A rewrite is used where the values of its slots stand in the words, since annotated words are
    what a prediction is.

    Attributes:
        targets: By locale and what the system understands, what is acted on.
        counts: By locale, what was rewritten so far.
    """

    targets: dict[tuple[str, Interpretation], Interpretation]
    counts: dict[str, RewritingCounts] = field(default_factory=dict)

    @classmethod
    def of(cls, rewrites: Iterable[Rewrite]) -> Rewriter:
        """The rewriter of a table; what was withdrawn is not used."""
        return cls(
            {
                (rewrite.locale, rewrite.source): rewrite.target
                for rewrite in rewrites
                if rewrite.state == "live"
            }
        )

    def rewritten(
        self,
        locale: str,
        interpretation: Interpretation,
        tokens: Sequence[str],
        *,
        characters: bool,
    ) -> Rewritten | None:
        """What is acted on instead of an interpretation; `None` where it stays.

        Args:
            locale: The locale.
            interpretation: What the system understands.
            tokens: The words.
            characters: Whether the locale is scored by character.
        """
        counts = self.counts.setdefault(locale, RewritingCounts())
        counts.predictions += 1
        target = self.targets.get((locale, interpretation))
        if target is None:
            return None
        words = placed(target, tokens, characters=characters)
        if words is None:
            counts.unplaced += 1
            return None
        counts.rewritten += 1
        return Rewritten(target, words)
