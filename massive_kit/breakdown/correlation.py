"""How locale scores vary with a number that is known for each locale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.score_tables import METRIC_COLUMNS
from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.errors import UsageError
from massive_kit.languages import Language, LanguageTable
from massive_kit.languages.world.table import WorldTable
from massive_kit.schema.scores import LocaleScores, Scores
from massive_kit.scoring.rank_correlation import pearson, spearman

_PERMUTATIONS = 10_000
_FEWEST = 3
# What the scores themselves say of a locale, and what the table of the world's languages does.
_MEASURED = ("tokens_per_utterance", "slots_per_utterance", "speakers")


def column_values(scores: Scores, languages: LanguageTable, column: str) -> dict[str, float]:
    """A number for each averaged locale that has one.

    Raises:
        UsageError: No such column, or it holds no numbers.
    """
    values: dict[str, float] = {}
    for locale in scores.averaged:
        if column in _MEASURED and column not in languages.columns:
            value = _measured(scores.locales[locale], locale, column)
        else:
            value = _written(languages[locale], column)
        if value is not None:
            values[locale] = value
    if column not in (*_MEASURED, *languages.columns):
        raise UsageError(
            f"no column {column!r}; there are {', '.join((*_MEASURED, *languages.columns))};"
            " a CSV of your own (--languages) may add more"
        )
    if len(values) < _FEWEST:
        raise UsageError(f"{column!r} has numbers for {len(values)} locales; a correlation needs 3")
    return values


def _measured(counts: LocaleScores, locale: str, column: str) -> float | None:
    if column == "speakers":
        place = WorldTable.shipped().find(locale)
        return None if place is None or place.speakers is None else float(place.speakers)
    total = counts.tokens if column == "tokens_per_utterance" else counts.gold_spans
    return total / counts.n if total is not None and counts.n else None


def _written(language: Language, column: str) -> float | None:
    text = language.get(column)
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f"cannot correlate with {column!r}: {language.locale} has {text!r}, not a number"
        ) from None


def permutation_p(x: NDArray[np.float64], y: NDArray[np.float64], seed: int) -> float:
    """Two-sided p-value of Pearson's r by permuting locales."""
    generator = np.random.default_rng(seed)
    shuffled = generator.permuted(np.tile(y, (_PERMUTATIONS, 1)), axis=1)
    a = x - x.mean()
    covariances = shuffled @ a
    observed = abs(float(y @ a))
    return float((np.abs(covariances) >= observed - 1e-12).sum() + 1) / (_PERMUTATIONS + 1)


def correlation_table(
    scores: Scores, languages: LanguageTable, column: str, seed: int = 0
) -> Table:
    """Pearson's and Spearman's correlation of each main metric with a column.

    Raises:
        UsageError: No such column, or it holds no numbers.
    """
    known: Mapping[str, float] = column_values(scores, languages, column)
    rows: list[tuple[Cell, ...]] = []
    for metric, title in METRIC_COLUMNS:
        estimates = {locale: getattr(scores.locales[locale], metric) for locale in known}
        scored = {locale: known[locale] for locale, score in estimates.items() if score is not None}
        if len(scored) < _FEWEST:
            rows.append((title, len(scored), None, None, None))
            continue
        x = np.array(list(scored.values()))
        y = np.array([estimates[locale].value for locale in scored])
        rows.append(
            (
                title,
                len(scored),
                pearson(x, y),
                permutation_p(x, y, seed),
                spearman(x, y),
            )
        )
    numbers = [
        ("n", "n"),
        ("pearson_r", "Pearson r"),
        ("p", "p (permutation)"),
        ("spearman_rho", "Spearman rho"),
    ]
    note = "Locales of one genus are not independent samples; p treats them as if they were."
    return Table(
        "correlation",
        f"Locale scores against {column.replace('_', ' ')}",
        columns("metric", numbers=numbers),
        tuple(rows),
        (note,),
    )
