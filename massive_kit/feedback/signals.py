"""What became of a turn, by stated rules, where nobody says it.

A turn is followed where the next one of its session has the same locale and comes within `window`
seconds. Then, for each turn:

1. *Success*, if its outcome is `success`.
2. Its outcome is `failure`: the user *went on* if it is followed, else the episode *failed*.
3. Its outcome is not known, and it is followed: the user went on where the next turn is a
   *barge-in* (it comes within `barge_in` seconds, before the answer can have ended) or a
   *repetition* (the same interpretation, or a text whose trigrams are as near as `similarity`);
   else the subject changed, which counts as success.
4. Its outcome is not known, and nothing follows: the user *gave up* where the interpretation has
   failed in this episode already; else it counts as success.

What is not followed ends its episode, and so does a success.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from massive_kit.feedback.interpretations import Interpretation, normalised
from massive_kit.feedback.turns import Turn

End = Literal["success", "failure"]


@dataclass(frozen=True, slots=True)
class SignalRules:
    """When a turn counts as failed.

    Attributes:
        window: Seconds within which the next turn still belongs to the same attempt.
        barge_in: A next turn within so many seconds interrupts.
        similarity: A next text that shares this part of all its trigrams repeats.
    """

    window: float = 60.0
    barge_in: float = 3.0
    similarity: float = 0.5


class Step(NamedTuple):
    """A turn and what came of it.

    Attributes:
        turn: The turn.
        to: The next interpretation where the user went on, else how the episode ended.
    """

    turn: Turn
    to: Interpretation | End


def steps(session: Sequence[Turn], rules: SignalRules) -> Iterator[Step]:
    """A step for each turn of a session."""
    failed: set[Interpretation] = set()
    for turn, following in pairwise([*session, None]):
        assert turn is not None
        followed = following is not None and _follows(turn, following, rules)
        if following is not None and followed and _went_on(turn, following, rules):
            failed.add(turn.hypothesis)
            yield Step(turn, following.hypothesis)
            continue
        gave_up = not followed and turn.hypothesis in failed
        failure = turn.outcome == "failure" or (turn.outcome is None and gave_up)
        yield Step(turn, "failure" if failure else "success")
        failed.clear()


def episodes(session: Sequence[Turn], rules: SignalRules) -> Iterator[list[Step]]:
    """The steps of each attempt of a session, the last of which says how it ended."""
    episode: list[Step] = []
    for step in steps(session, rules):
        episode.append(step)
        if isinstance(step.to, str):
            yield episode
            episode = []


def trigram_similarity(left: str, right: str) -> float:
    """The trigrams that two texts share, as a part of all (Jaccard), in 0..1."""
    first, second = trigrams(left), trigrams(right)
    return len(first & second) / (len(first | second) or 1)


def trigrams(text: str) -> set[str]:
    """The trigrams of a text, with its ends."""
    padded = f"  {normalised(text)} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _follows(turn: Turn, following: Turn, rules: SignalRules) -> bool:
    if following.locale != turn.locale:
        return False
    gap = _gap(turn, following)
    return gap is None or gap <= rules.window


def _went_on(turn: Turn, following: Turn, rules: SignalRules) -> bool:
    if turn.outcome is not None:
        return turn.outcome == "failure"
    gap = _gap(turn, following)
    return (
        (gap is not None and gap <= rules.barge_in)
        or following.hypothesis == turn.hypothesis
        or trigram_similarity(turn.text, following.text) >= rules.similarity
    )


def _gap(turn: Turn, following: Turn) -> float | None:
    if turn.time is None or following.time is None:
        return None
    return following.time - turn.time
