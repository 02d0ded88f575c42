"""Sources for some languages, by all the matrices that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from massive_kit.analysis.forecast.assembling import named_languages
from massive_kit.analysis.forecast.language_rows import LanguageRow
from massive_kit.analysis.forecast.source_choice import PairFacts, predicted_gains
from massive_kit.analysis.forecast.source_regret import Regret, ranking, regrets
from massive_kit.analysis.forecast.transfer_matrix import TransferMatrix
from massive_kit.errors import MassiveKitError
from massive_kit.languages import LanguageTable

# A ridge on ten numbers wants a few more targets than that.
FEWEST_TARGETS, FEWEST_SOURCES = 6, 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A source for a language.

    Attributes:
        source: The language whose labels to train on.
        name: Its English name.
        gain: How much better it is than the mean source, in -1..1, on average over the matrices.
    """

    source: str
    name: str
    gain: float


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a choice of sources says.

    Attributes:
        by_language: Language -> sources, the best first; empty where the language is unlike the
            matrices' targets.
        unlike: Language -> why nothing is said of it.
        regrets: (model, metric) -> what each rule loses.
    """

    by_language: tuple[tuple[LanguageRow, tuple[Suggestion, ...]], ...]
    unlike: dict[str, str]
    regrets: dict[tuple[str, str], list[Regret]]


def suggestions(
    matrices: Sequence[TransferMatrix], targets: Sequence[LanguageRow], languages: LanguageTable
) -> Suggestions:
    """Sources for each target, and what such choices cost where that can be checked.

    Args:
        matrices: Scores of systems by source and target.
        targets: The languages to train for.
        languages: The language table.

    Raises:
        MassiveKitError: A matrix is too small, or has languages without typology.
    """
    codes = dict.fromkeys(code for m in matrices for code in (*m.sources, *m.targets))
    rows = named_languages([*codes], languages)
    _refuse_small(matrices)
    _refuse_unplaced(rows)
    placed = [row for row in targets if row.typology is not None]
    known = {row.code: row for row in (*rows, *placed)}
    facts = PairFacts.of([*known.values()])
    unlike = {row.code: "not in the table of typology" for row in targets if row not in placed}
    by_language = []
    for row in placed:
        if not _is_near(row, [*codes], facts):
            unlike[row.code] = "no language of the matrix is near"
            continue
        gains = [predicted_gains(matrix, row.code, facts) for matrix in matrices]
        shared = set(gains[0]).intersection(*gains[1:])
        means = {code: float(np.mean([gain[code] for gain in gains])) for code in shared}
        ordered = [Suggestion(code, known[code].name, means[code]) for code in ranking(means)]
        by_language.append((row, tuple(ordered)))
    checked = {(m.model, m.metric): regrets(m, facts) for m in matrices}
    return Suggestions(tuple(by_language), unlike, checked)


def _is_near(row: LanguageRow, codes: Sequence[str], facts: PairFacts) -> bool:
    """Whether a language is as near to another as any of the others is."""
    others = [code for code in codes if code != row.code]
    near = facts.among(others, others).near.copy()
    np.fill_diagonal(near, 0)
    return bool(facts.among((row.code,), others).near.max() >= near.max(axis=1).min())


def _refuse_small(matrices: Sequence[TransferMatrix]) -> None:
    for matrix in matrices:
        if len(matrix.targets) < FEWEST_TARGETS or len(matrix.sources) < FEWEST_SOURCES:
            raise MassiveKitError(
                f"{matrix.model} {matrix.metric} has {len(matrix.sources)} sources and"
                f" {len(matrix.targets)} targets; a choice needs {FEWEST_SOURCES} and"
                f" {FEWEST_TARGETS}"
            )


def _refuse_unplaced(rows: Sequence[LanguageRow]) -> None:
    unplaced = [row.code for row in rows if row.typology is None]
    if unplaced:
        raise MassiveKitError(f"not in the table of typology: {', '.join(unplaced)}")
