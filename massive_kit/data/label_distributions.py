"""What a trained system, a teacher, says of utterances: how likely each label is.

`massive_kit.runs.teaching` brings the teacher of a recipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.ragged import cut, offsets_of, places
from massive_kit.data.word_states import StatesAsked, WordStates

# Rows whose mean is taken at a time, since it takes more memory than they do.
_AT_A_TIME = 100_000


@dataclass(frozen=True, slots=True)
class LabelDistributions:
    """Of n utterances, as logarithms of probabilities.

    Systems give single precision, what is kept of them is of half precision.

    Attributes:
        intents: Shape (n, intents); no column where the system knows no intents.
        labels: Shape (tokens, labels), a row for each token of each utterance.
        offsets: Shape (n + 1,), where the tokens of each utterance begin.
        read: Shape (tokens,), whether the token was read; the end of a long utterance is not.
        states: What the system thinks of each token, where that was asked for.
        shared: Shape (tokens,), whether the token is a part of the subword that speaks for the
            one before, so that a span goes on; `None` where nobody knows, as of what was kept.
    """

    intents: NDArray[np.floating[Any]]
    labels: NDArray[np.floating[Any]]
    offsets: NDArray[np.int64]
    read: NDArray[np.bool_]
    states: WordStates | None = None
    shared: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    def taken(self, rows: NDArray[np.int64]) -> LabelDistributions:
        """Those of some utterances."""
        labels, offsets = cut(self.labels, self.offsets, rows)
        read, _ = cut(self.read, self.offsets, rows)
        at = places(self.offsets, rows)
        states = self.states and WordStates((self.states.of(at),))
        shared = None if self.shared is None else self.shared[at]
        return LabelDistributions(self.intents[rows], labels, offsets, read, states, shared)


def joined(parts: Sequence[LabelDistributions]) -> LabelDistributions:
    """One part after the other."""
    states = [array for part in parts if part.states is not None for array in part.states.parts]
    shared = [part.shared for part in parts if part.shared is not None]
    return LabelDistributions(
        np.concatenate([part.intents for part in parts]),
        np.concatenate([part.labels for part in parts]),
        offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])),
        np.concatenate([part.read for part in parts]),
        WordStates(tuple(states)) if states else None,
        np.concatenate(shared) if shared and len(shared) == len(parts) else None,
    )


def mean_of(
    teachers: Sequence[LabelDistributions], weights: Sequence[float] | None = None
) -> LabelDistributions:
    """The mean of what several say of the same utterances; states are those of the first.

    Args:
        teachers: What each says.
        weights: Of each, with a sum of 1; by default all count the same.
    """
    first, *others = teachers
    if not others:
        return first
    shared = [teacher.shared for teacher in teachers if teacher.shared is not None]
    return LabelDistributions(
        _mean([teacher.intents for teacher in teachers], weights),
        _mean([teacher.labels for teacher in teachers], weights),
        first.offsets,
        np.logical_and.reduce([teacher.read for teacher in teachers]),
        first.states,
        np.logical_and.reduce(shared) if len(shared) == len(teachers) else None,
    )


def _mean(
    logarithms: Sequence[NDArray[np.floating[Any]]], weights: Sequence[float] | None
) -> NDArray[np.floating[Any]]:
    means = np.empty_like(logarithms[0])
    for start in range(0, len(means), _AT_A_TIME):
        rows = slice(start, start + _AT_A_TIME)
        likely = [np.exp(values[rows].astype(np.float32)) for values in logarithms]
        with np.errstate(divide="ignore"):
            means[rows] = np.log(np.average(likely, axis=0, weights=weights))
    return means


class Teacher(Protocol):
    """A trained system."""

    def distributions(
        self, rows: Iterable[tuple[str, pa.Table]], asked: StatesAsked | None = None
    ) -> LabelDistributions:
        """What it says.

        Args:
            rows: Locales, each with a table of `id`, `utt` and `tokens`.
            asked: Which of its hidden states are wanted as well.

        Raises:
            ConfigError: It has no such states.
        """
