"""Texts of users with what they turned out to mean: labels that nobody annotated.

Of an episode that ends in success, the last text means what was understood of it (*confirmed*), and
the texts before it meant the same (*rephrased*), where the values stand in their words. How sure
that is, its episodes say: `(those that ended so + 1) / (all of the text + 2)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from massive_kit.errors import DataError, Problem
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.signals import SignalRules, Step, episodes
from massive_kit.feedback.turns import TurnReader
from massive_kit.languages import LanguageTable

Kind = Literal["confirmed", "rephrased"]


class RephrasedText(NamedTuple):
    """A text and what it means.

    Attributes:
        text: The text.
        meaning: What it means.
        kind: Whether it was understood so itself, or said again so.
        ended: Episodes of the text that ended so.
        of: All episodes of the text.
    """

    text: str
    meaning: Interpretation
    kind: Kind
    ended: int
    of: int

    @property
    def confidence(self) -> float:
        """How sure that is, in 0..1."""
        return (self.ended + 1) / (self.of + 2)


@dataclass(slots=True)
class TextCounts:
    """The texts of a locale.

    Attributes:
        episodes: By text, all episodes.
        meanings: By text and what the episode ended with, episodes that ended in success.
        confirmed: Those of them that ended with that very text.
    """

    episodes: Counter[str] = field(default_factory=Counter)
    meanings: Counter[tuple[str, Interpretation]] = field(default_factory=Counter)
    confirmed: Counter[tuple[str, Interpretation]] = field(default_factory=Counter)

    def add(self, episode: Sequence[Step]) -> None:
        """Counts an episode; of a text that is said twice in it, once."""
        texts = [*dict.fromkeys(" ".join(step.turn.text.split()) for step in episode)]
        self.episodes.update(texts)
        last = episode[-1]
        if last.to == "success":
            meaning = last.turn.hypothesis
            self.meanings.update((text, meaning) for text in texts)
            self.confirmed[" ".join(last.turn.text.split()), meaning] += 1

    def labelled(self) -> list[RephrasedText]:
        """Each text that led to success, with what it most often ended with, sorted."""
        best: dict[str, tuple[int, Interpretation]] = {}
        for (text, meaning), ended in self.meanings.items():
            if text.strip() and (text not in best or (-ended, meaning) < best[text]):
                best[text] = (-ended, meaning)
        return [
            RephrasedText(
                text,
                meaning,
                "confirmed" if self.confirmed[text, meaning] else "rephrased",
                -ended,
                self.episodes[text],
            )
            for text, (ended, meaning) in sorted(best.items())
        ]


def rephrased_texts(
    paths: Iterable[Path], languages: LanguageTable, signals: SignalRules | None = None
) -> dict[str, list[RephrasedText]]:
    """By locale, the texts of sessions that led to success.

    The different texts are in memory.

    Raises:
        MissingDataError: A file is not there.
        DataError: Lines are wrong, or no session led to success.
    """
    reader = TurnReader(languages)
    rules = signals or SignalRules()
    counts: dict[str, TextCounts] = {}
    for session in reader.read(paths):
        for episode in episodes(session, rules):
            counts.setdefault(episode[0].turn.locale, TextCounts()).add(episode)
    reader.mistakes.raise_if_any("the sessions cannot be used")
    by_locale = {locale: of_locale.labelled() for locale, of_locale in sorted(counts.items())}
    if not any(by_locale.values()):
        problem = Problem("the sessions", "no episode that ended in success")
        raise DataError("there is nothing to label", [problem])
    return by_locale
