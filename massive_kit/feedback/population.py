"""What simulated users may say: utterances of a store, beside what a system predicted of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.mistakes import Mistakes
from massive_kit.feedback.predicted import prediction_files, read_predicted
from massive_kit.feedback.simulation import Phrasing
from massive_kit.languages import LanguageTable

_COLUMNS = ("id", "utt", "tokens", "labels", "boundaries", "intent")
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Population:
    """The utterances of one locale that were predicted.

    Attributes:
        phrasings: The utterances.
        unpredicted: How many of the store's the predictions lack.
    """

    phrasings: tuple[Phrasing, ...]
    unpredicted: int


def predicted_populations(
    store: Store,
    partition: str,
    predictions: Path,
    languages: LanguageTable,
    locales: Sequence[str] | None = None,
) -> dict[str, Population]:
    """By locale, the utterances of a partition that a file predicts.

    Args:
        store: The data.
        partition: The partition.
        predictions: A file of predictions, or a folder of them.
        languages: What locales there are.
        locales: Only these; by default all that are predicted.

    Raises:
        MissingDataError: There are no predictions of one of the locales.
        DataError: The predictions are wrong, or of other text.
    """
    mistakes = Mistakes()
    hypotheses: dict[str, dict[str, tuple[int, Interpretation]]] = {}
    files = prediction_files(predictions)
    for row in read_predicted(files, languages, mistakes, locales or store.locales):
        tokens = len(row.words.tokens)
        hypotheses.setdefault(row.locale, {})[row.id] = (tokens, row.interpretation)
    mistakes.raise_if_any(f"{predictions} holds wrong predictions")
    lacking = [locale for locale in locales or () if locale not in hypotheses]
    if lacking or not hypotheses:
        raise MissingDataError(f"{predictions} holds no predictions of {', '.join(lacking)}")
    return {
        locale: population(DataSplit(store, partition, (locale,)), hypotheses[locale])
        for locale in sorted(hypotheses)
    }


def population(
    split: DataSplit, hypotheses: Mapping[str, tuple[int, Interpretation]]
) -> Population:
    """The utterances of a locale with what they mean and what was understood.

    Args:
        split: The partition in one locale.
        hypotheses: By id, the number of tokens that was read and what was understood.

    Raises:
        MissingDataError: The store lacks the partition, or none of it was predicted.
        DataError: Rows have no labels, or the predictions are of other text.
    """
    (locale,) = split.locales
    table = split.read(_COLUMNS)
    characters = locale in split.store.character_locales
    phrasings, problems = [], []
    unpredicted = 0
    for identity, text, tokens, labels, boundaries, intent in zip(
        *(table[name].to_pylist() for name in _COLUMNS), strict=True
    ):
        if labels is None or intent is None:
            problems.append(
                Problem(f"store {split.store.name}", f"{identity} of {locale} has no labels")
            )
        elif identity not in hypotheses:
            unpredicted += 1
        elif hypotheses[identity][0] != len(tokens):
            found = f"{hypotheses[identity][0]} tokens of {identity} of {locale}"
            problems.append(Problem("the predictions", found, f"{len(tokens)}"))
        else:
            goal = Interpretation.of_tokens(
                intent, tokens, labels, boundaries, characters=characters
            )
            phrasings.append(Phrasing(identity, text, tuple(tokens), goal, hypotheses[identity][1]))
    if problems:
        raise DataError(
            f"the predictions do not fit {split.partition} of {split.store.name}",
            problems[:_SHOWN],
            len(problems),
        )
    if not phrasings:
        raise MissingDataError(
            f"the predictions hold no utterance of {split.partition} of {split.store.name} in"
            f" {locale}; name the partition that was predicted, or the data"
        )
    return Population(tuple(phrasings), unpredicted)
