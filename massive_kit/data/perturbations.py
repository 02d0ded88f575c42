"""Small changes of utterances that leave their labels right, to see what a system makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from massive_kit.data.lexicons.translating import NAMES
from massive_kit.data.morphology.features import CHANGES
from massive_kit.data.morphology.files import morphology_files
from massive_kit.data.morphology.inflecting import Inflector
from massive_kit.data.morphology.paradigms import Paradigms
from massive_kit.data.rewriting import Phrase
from massive_kit.data.typing_errors import SLIPS, Typist, usual_slips
from massive_kit.languages import LanguageTable

Perturbation = Literal["inflect", "noise"]


@dataclass(frozen=True, slots=True)
class PerturbedRow:
    """An utterance, changed.

    Attributes:
        row: The place of the utterance that it is made of.
        phrases: What it is made of.
    """

    row: int
    phrases: list[Phrase]


# Utterances as phrases, and draws, to those that can be changed.
Perturb = Callable[[Sequence[Sequence[Phrase]], np.random.Generator], Iterator[PerturbedRow]]


def perturbers(
    perturbation: Perturbation,
    locales: Sequence[str],
    languages: LanguageTable,
    morphology: Sequence[str] = (),
) -> Mapping[str, Perturb]:
    """What changes one word of an utterance, by locale; none of a locale that has no table.

    Args:
        perturbation: Another form of a word, or a slip of the hand.
        locales: The locales of the utterances.
        languages: Says what is written in Latin script.
        morphology: Inflection tables, as `morphology_files` takes them.

    Raises:
        DataError: A table is broken; every mistake is told.
        UsageError: No table is given, or one is missing, or of no locale here.
    """
    if perturbation == "noise":
        return {locale: _typing(languages[locale].get("script")) for locale in locales}
    files = morphology_files(morphology, locales)
    return {locale: _inflecting(Paradigms.read(path)) for locale, path in files.items()}


def _typing(script: str | None) -> Perturb:
    typist = Typist(usual_slips(SLIPS, script), rate=None)

    def perturb(
        rows: Sequence[Sequence[Phrase]], generator: np.random.Generator
    ) -> Iterator[PerturbedRow]:
        return (PerturbedRow(row.row, row.phrases) for row in typist.slipped(rows, generator))

    return perturb


def _inflecting(paradigms: Paradigms) -> Perturb:
    inflector = Inflector(paradigms, CHANGES, NAMES)

    def perturb(
        rows: Sequence[Sequence[Phrase]], generator: np.random.Generator
    ) -> Iterator[PerturbedRow]:
        return (PerturbedRow(row.row, row.phrases) for row in inflector.inflected(rows, generator))

    return perturb
