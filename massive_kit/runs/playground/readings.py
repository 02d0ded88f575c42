"""What systems make of one text, ready to be shown."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from massive_kit.data.text_spans import text_spans
from massive_kit.runs.predicting import text_utterances
from massive_kit.systems.interface import DistributionSystem, Prediction, System, Utterance

# So many intents are shown with their probabilities.
_LIKELIEST = 5
_WARM_UP = "wake me up at nine"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text.

    Attributes:
        text: As it is written.
        slot: Its slot, or `None`.
    """

    text: str
    slot: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a system makes of a text.

    Attributes:
        system: Its name.
        intent: The intent; `None` where it knows none.
        intents: The likeliest intents and their probabilities, where it knows them. They are its
            own, before intents and slots are decoded together.
        segments: The whole text, cut where slots begin and end.
        milliseconds: How long it took.
        failed: The answer of a language model could not be read.
    """

    system: str
    intent: str | None
    intents: tuple[tuple[str, float], ...]
    segments: tuple[Segment, ...]
    milliseconds: float
    failed: bool


class NamedSystem:
    """A system that is asked by several requests, one at a time.

    Args:
        name: What it is called on the page.
        system: The system.
    """

    def __init__(self, name: str, system: System) -> None:
        self.name = name
        self._system = system
        self._lock = Lock()

    def warm_up(self, locale: str) -> None:
        """Reads a text, so that the first one of a visitor is not slower than the others."""
        self.read(_WARM_UP, locale)

    def read(self, text: str, locale: str) -> Reading:
        """What the system makes of a text."""
        utterances = text_utterances([text], locale, self._system)
        with self._lock:
            start = time.perf_counter()
            (prediction,) = self._system.predict(utterances)
            milliseconds = 1000 * (time.perf_counter() - start)
            intents = self._intents(utterances)
        return Reading(
            self.name,
            prediction.intent,
            intents,
            segments(prediction, self._system),
            milliseconds,
            prediction.failed,
        )

    def _intents(self, utterances: Sequence[Utterance]) -> tuple[tuple[str, float], ...]:
        if not isinstance(self._system, DistributionSystem):
            return ()
        (logs,) = self._system.label_distributions(utterances).intents
        names = self._system.inventory.intents
        order = np.argsort(-logs, kind="stable")[:_LIKELIEST]
        return tuple((names[i], float(np.exp(np.float64(logs[i])))) for i in order)


def segments(prediction: Prediction, system: System) -> tuple[Segment, ...]:
    """A text cut where slots begin and end; joined they are the text again."""
    text, place = prediction.utterance.text, 0
    scheme = system.inventory.scheme
    pieces: list[Segment] = []
    for start, end, slot in text_spans(
        text, prediction.utterance.tokens, prediction.labels, scheme
    ):
        if start > place:
            pieces.append(Segment(text[place:start], None))
        pieces.append(Segment(text[start:end], slot))
        place = end
    if place < len(text):
        pieces.append(Segment(text[place:], None))
    return tuple(pieces)
