"""What small changes of utterances do to a system's answers, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.data.perturbations import Perturbation
from massive_kit.languages import LanguageTable
from massive_kit.scoring.robustness import Robustness

_TITLES: Mapping[Perturbation, str] = {
    "inflect": "One word in another form",
    "noise": "One slip of the hand",
}
_NUMBERS = (
    ("pairs", "utterances"),
    ("intent_flips", "intent flips"),
    ("answer_flips", "answer flips"),
    ("match_flips", "exact match flips"),
    ("before", "exact match before"),
    ("after", "after"),
    ("change", "change"),
)


def robustness_table(
    perturbation: Perturbation,
    by_locale: Mapping[str, Robustness],
    pooled: Robustness,
    languages: LanguageTable,
) -> Table:
    """A row for each locale, and one for all of their utterances.

    Args:
        perturbation: What was done to utterances.
        by_locale: What came of it.
        pooled: The same of all utterances together.
        languages: Names of languages.
    """
    rows: list[tuple[Cell, ...]] = [
        (locale, languages[locale].name, *_cells(result)) for locale, result in by_locale.items()
    ]
    rows.append(("all", "pooled", *_cells(pooled)))
    flips = (
        "flips: the share of utterances whose answer is another than for their variant; of the"
        " intent, of intent or slots, and from right to wrong or back"
    )
    notes = [flips, "only utterances that have a variant are counted"]
    without = [locale for locale, result in by_locale.items() if result.change.low is None]
    # Where nothing has an interval, none was asked for.
    if without and pooled.change.low is not None:
        notes.append(
            f"no interval of {', '.join(without)}: the utterances are so few that many resamples"
            " hold none of them"
        )
    if perturbation == "inflect":
        notes.append("no tagger says which reading of a word is meant, so some variants are odd")
    return Table(
        f"perturb-{perturbation}",
        _TITLES[perturbation],
        columns("locale", "language", numbers=_NUMBERS),
        tuple(rows),
        tuple(notes),
    )


def _cells(result: Robustness) -> tuple[Cell, ...]:
    return tuple(getattr(result, key) for key, _ in _NUMBERS)
