"""SIMULATED users around the real predictions of a system: no such log exists in the open.

A user wants what an utterance of a corpus means (its intent and slot values), and says it. Where
the system understands something else, the user says another utterance of the same meaning, turns to
something else, or gives up. Nothing is said that the corpus does not hold, and what the system
understands is what it really predicted of that utterance; but for slips in the text, which the
system is taken to read over, and for a share of turns that are misheard as any other utterance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from massive_kit.data.split import draw_rank
from massive_kit.data.typing_errors import SLIPS, Slip, mistyped
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.turns import Outcome, Turn

# What the names of simulated sessions begin with.
SIMULATED = "simulated-"


class Phrasing(NamedTuple):
    """An utterance that simulated users say.

    Attributes:
        id: Of the utterance.
        text: Its text.
        tokens: Its tokens.
        goal: What it means.
        hypothesis: What the system understands.
    """

    id: str
    text: str
    tokens: tuple[str, ...]
    goal: Interpretation
    hypothesis: Interpretation


@dataclass(frozen=True, slots=True)
class UserModel:
    """How simulated users behave.

    Attributes:
        sessions: Sessions of each locale.
        rephrase: Probability to say it again in other words when it was misunderstood.
        change: Probability to turn to something else then; else the user gives up.
        more: Probability to turn to something else after a success.
        tries: Most times that a user says the same thing.
        barge_in: Probability that a rephrase interrupts the wrong answer.
        known: Share of turns whose outcome the log knows.
        slips: Share of texts with a slip of the hand.
        misheard: Share of turns that the system understands as any other utterance.
        held_out: Share of utterances that no user says, to see what the others taught.
        seed: Of all draws.
    """

    sessions: int = 2_000
    rephrase: float = 0.7
    change: float = 0.2
    more: float = 0.2
    tries: int = 5
    barge_in: float = 0.3
    known: float = 0.8
    slips: float = 0.1
    misheard: float = 0.02
    held_out: float = 0.2
    seed: int = 0

    def problems(self) -> list[str]:
        """What is wrong with it."""
        shares = ("rephrase", "change", "more", "barge_in", "known", "slips", "misheard")
        wrong = [
            f"{name} is between 0 and 1" for name in shares if not 0 <= getattr(self, name) <= 1
        ]
        if self.rephrase + self.change > 1:
            wrong.append("rephrase and change are together at most 1")
        if not 0 <= self.held_out < 1 or self.sessions < 1 or self.tries < 1 or self.seed < 0:
            wrong.append("held-out is below 1, sessions and tries are above 0, a seed is no less")
        if self.more == 1:
            wrong.append("more is below 1, or no session ends")
        return wrong


@dataclass(frozen=True, slots=True)
class SimulatedSession:
    """A session, and the truth of it.

    Attributes:
        turns: What the log holds.
        misunderstood: Turns whose user meant something else than was acted on.
    """

    turns: list[Turn]
    misunderstood: int


@dataclass(slots=True)
class SimulatedLocale:
    """Simulated users of one locale.

    Attributes:
        locale: The locale.
        phrasings: What can be said.
        model: How users behave.
        rewrite: What is acted on where the system understands something, if it is rewritten.
        said: How often each utterance was said.
    """

    locale: str
    phrasings: Sequence[Phrasing]
    model: UserModel
    rewrite: Callable[[Phrasing, Interpretation], Interpretation | None] | None = None
    said: Counter[str] = field(default_factory=Counter)

    def held_out(self, phrasing: Phrasing) -> bool:
        """Whether no user says an utterance; the same ids in every locale."""
        rank = int.from_bytes(draw_rank(self.model.seed, "held out", phrasing.id)[:4], "big")
        return rank < self.model.held_out * 2**32

    def sessions(self) -> Iterator[SimulatedSession]:
        """The sessions, one after the other; drawn anew, but the same, at each call."""
        said = [phrasing for phrasing in self.phrasings if not self.held_out(phrasing)]
        if not said:
            return
        alike: dict[Interpretation, list[int]] = defaultdict(list)
        for row, phrasing in enumerate(said):
            alike[phrasing.goal].append(row)
        numbers = _uniform(np.random.default_rng([self.model.seed, *self.locale.encode()]))
        self.said.clear()
        for number in range(1, self.model.sessions + 1):
            name = f"{SIMULATED}{self.locale}-{number}"
            yield self._session(name, said, alike, numbers)

    def _session(
        self,
        name: str,
        said: Sequence[Phrasing],
        alike: Mapping[Interpretation, Sequence[int]],
        numbers: Iterator[float],
    ) -> SimulatedSession:
        model = self.model
        turns: list[Turn] = []
        time, tries, misunderstood = 0.0, 1, 0
        row = int(next(numbers) * len(said))
        while True:
            phrasing = said[row]
            self.said[phrasing.id] += 1
            heard = phrasing.hypothesis
            if next(numbers) < model.misheard:
                heard = said[int(next(numbers) * len(said))].hypothesis
            acted = self.rewrite(phrasing, heard) if self.rewrite else None
            right = (acted or heard) == phrasing.goal
            misunderstood += not right
            outcome: Outcome | None = "success" if right else "failure"
            turns.append(
                Turn(
                    name,
                    len(turns) + 1,
                    self.locale,
                    self._typed(phrasing.text, numbers),
                    acted or heard,
                    heard if acted else None,
                    outcome if next(numbers) < model.known else None,
                    round(time, 1),
                )
            )
            drawn = next(numbers)
            rephrases = not right and drawn < model.rephrase
            changes = drawn < model.more if right else drawn < model.rephrase + model.change
            if rephrases and tries < model.tries:
                interrupts = next(numbers) < model.barge_in
                time += 0.5 + 2 * next(numbers) if interrupts else 4 + 16 * next(numbers)
                row, tries = _another(alike[phrasing.goal], row, next(numbers)), tries + 1
            elif changes and not rephrases:
                time += 4 + 26 * next(numbers)
                row, tries = _another(range(len(said)), row, next(numbers)), 1
            else:
                return SimulatedSession(turns, misunderstood)

    def _typed(self, text: str, numbers: Iterator[float]) -> str:
        if next(numbers) >= self.model.slips:
            return text
        words = text.split()
        kinds: tuple[Slip, ...] = tuple(slip for slip in SLIPS if slip != "neighbour")
        place = int(next(numbers) * len(words))
        slipped = mistyped(words[place], kinds, next(numbers), next(numbers)) if words else None
        if slipped is None:
            return text
        words[place] = slipped[0]
        return " ".join(words)


def _uniform(generator: np.random.Generator) -> Iterator[float]:
    while True:
        yield from generator.random(4096).tolist()


def _another(rows: Sequence[int], but: int, drawn: float) -> int:
    """One of some rows by a number in [0, 1), but not the last one, unless it is alone."""
    row = rows[int(drawn * max(1, len(rows) - 1))]
    return rows[-1] if row == but else row
