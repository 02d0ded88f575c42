"""What the scores are computed from: a few counts per utterance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.spans import Spans
from massive_kit.errors import MassiveKitError
from massive_kit.scoring.alignment import Aligned, align
from massive_kit.scoring.overlap import overlaps

# True of every utterance where a file lacks them, as in all that earlier versions wrote.
_OPTIONAL = ("with_intent", "with_scenario")
# The one column that a file has where rows were made of others alone.
_ORIGINS = "origins"


@dataclass(frozen=True, slots=True)
class SufficientStatistics:
    """Counts of n utterances; all arrays but `locales` have shape (n,).

    Attributes:
        locales: The locales, in row order.
        locale: Position in `locales`.
        ids: Utterance ids, shared by the locales of a parallel corpus.
        intent_right: Whether the intent is right.
        exact: Whether intent and all spans (so all token labels) are right; without a gold intent,
            the spans.
        tp: Predicted spans that are right in boundaries and slot.
        predicted: Predicted spans.
        gold: Gold spans.
        scenario_right: Whether the scenario of the predicted intent is right.
        boundary: Predicted spans with right boundaries, whatever the slot.
        typed: Predicted spans that overlap a gold span of their slot.
        partial: Predicted spans that overlap a gold span without having its boundaries.
        tokens: Tokens.
        with_intent: Whether there is a gold intent.
        with_scenario: Whether there is a gold intent that has a scenario.
        origins: Where rows were made of others, the ids of those, or their own; `None` where no
            row was.
    """

    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    ids: NDArray[Any]
    intent_right: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    tp: NDArray[np.int16]
    predicted: NDArray[np.int16]
    gold: NDArray[np.int16]
    scenario_right: NDArray[np.bool_]
    boundary: NDArray[np.int16]
    typed: NDArray[np.int16]
    partial: NDArray[np.int16]
    tokens: NDArray[np.int32]
    with_intent: NDArray[np.bool_]
    with_scenario: NDArray[np.bool_]
    origins: NDArray[Any] | None = None

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.locale)

    @property
    def locale_offsets(self) -> NDArray[np.int64]:
        """Shape (locales + 1,), where the rows of each locale begin."""
        return np.searchsorted(self.locale, np.arange(len(self.locales) + 1))

    def rows_of(self, locale: str) -> slice:
        """The rows of a locale."""
        position = self.locales.index(locale)
        start, stop = self.locale_offsets[position : position + 2]
        return slice(int(start), int(stop))

    def sums(self, name: str) -> NDArray[np.float64]:
        """Shape (locales,), a column summed over each locale; `n` counts utterances."""
        weights = None if name == "n" else getattr(self, name)
        return np.bincount(self.locale, weights, minlength=len(self.locales)).astype(np.float64)

    def with_origins(self, origin: Callable[[str], str]) -> SufficientStatistics:
        """The same, knowing which rows were made of others.

        Args:
            origin: Gives the id of the row that a row was made of.
        """
        origins = np.array([origin(str(name)) for name in self.ids], np.str_)
        return self if (origins == self.ids).all() else replace(self, origins=origins)

    def always(self, name: str) -> bool:
        """Whether a column that says what the gold labels have is true of every utterance."""
        return name in _OPTIONAL and bool(getattr(self, name).all())

    def take(self, chosen: NDArray[Any]) -> SufficientStatistics:
        """The utterances that a mask or positions choose; all locales stay."""
        columns = {
            field.name: getattr(self, field.name)[chosen]
            for field in fields(self)
            if field.name not in {"locales", _ORIGINS}
        }
        origins = None if self.origins is None else self.origins[chosen]
        return SufficientStatistics(self.locales, **columns, origins=origins)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As `stats.npz` stores them; what is true of every utterance is left out where it may."""
        columns = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in {"locales", _ORIGINS} and not self.always(field.name)
        }
        columns["ids"] = np.asarray(self.ids, dtype=np.str_)
        if self.origins is not None:
            columns[_ORIGINS] = self.origins
        return {"locales": np.array(self.locales), **columns}

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]], where: str) -> SufficientStatistics:
        """The counts among the arrays of a file.

        Raises:
            MassiveKitError: They are missing, or do not match each other.
        """
        names = [field.name for field in fields(cls) if field.name not in {"locales", _ORIGINS}]
        if "locale" in arrays:
            everywhere = np.ones(arrays["locale"].shape, np.bool_)
            arrays = dict.fromkeys(_OPTIONAL, everywhere) | arrays
        missing = [name for name in ("locales", *names) if name not in arrays]
        if missing:
            raise MassiveKitError(f"{where} is not a stats.npz: it lacks {', '.join(missing)}")
        names += [_ORIGINS] if _ORIGINS in arrays else []
        if len({arrays[name].shape for name in names}) > 1:
            raise MassiveKitError(f"{where} is not a stats.npz: its columns differ in length")
        wrong = [name for name in names if not _fits(name, arrays[name])]
        locales = tuple(map(str, np.atleast_1d(arrays["locales"])))
        locale = arrays["locale"]
        if not wrong and len(locale):
            apart = np.diff(locale.astype(np.int64)) < 0
            if locale[0] < 0 or locale[-1] >= len(locales) or bool(apart.any()):
                wrong.append("locale")
        if wrong:
            raise MassiveKitError(f"{where} is not a stats.npz: wrong values in {', '.join(wrong)}")
        return cls(locales, **{name: arrays[name] for name in names})


def _fits(name: str, array: NDArray[Any]) -> bool:
    if array.ndim != 1:
        return False
    if name in {"ids", _ORIGINS}:
        return array.dtype.kind == "U"
    if name in {"intent_right", "exact", "scenario_right", *_OPTIONAL}:
        return array.dtype.kind == "b"
    return array.dtype.kind in "iu" and not bool((array < 0).any())


def count(gold: LabelColumns, predicted: LabelColumns) -> SufficientStatistics:
    """The counts of predictions against gold labels, row by row.

    Raises:
        PredictionError: As `align`.
    """
    return count_aligned(align(gold, predicted))


def count_aligned(aligned: Aligned) -> SufficientStatistics:
    """The counts of labels that are aligned already."""
    gold, predicted = aligned.gold, aligned.predicted
    rows = len(gold)
    loose = overlaps(aligned.gold_spans, aligned.predicted_spans, aligned.matches)
    with_intent = gold.intents >= 0
    intent_right = (gold.intents == predicted.intents) & with_intent
    tp = _per_row(aligned.gold_spans, rows, aligned.matches.right)
    gold_counts = _per_row(aligned.gold_spans, rows)
    predicted_counts = _per_row(aligned.predicted_spans, rows)
    return SufficientStatistics(
        locales=gold.locales,
        locale=gold.locale,
        ids=gold.ids,
        intent_right=intent_right,
        exact=(intent_right | ~with_intent) & (tp == gold_counts) & (tp == predicted_counts),
        tp=tp,
        predicted=predicted_counts,
        gold=gold_counts,
        scenario_right=_scenario_right(gold, predicted),
        boundary=_per_row(aligned.gold_spans, rows, aligned.matches.boundary),
        typed=_per_row(aligned.predicted_spans, rows, loose.typed),
        partial=_per_row(aligned.predicted_spans, rows, loose.partial),
        tokens=gold.token_counts.astype(np.int32),
        with_intent=with_intent,
        with_scenario=gold.scenarios >= 0,
    )


def _per_row(spans: Spans, rows: int, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.int16]:
    row = spans.row if chosen is None else spans.row[chosen]
    return np.bincount(row, minlength=rows).astype(np.int16)


def _scenario_right(gold: LabelColumns, predicted: LabelColumns) -> NDArray[np.bool_]:
    scenarios = gold.scenarios
    # Where there is none, nothing is right.
    right: NDArray[np.bool_] = (scenarios == predicted.scenarios) & (scenarios >= 0)
    return right
