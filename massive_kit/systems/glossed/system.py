"""A glossed run as a system: the mean of what it says of a text and of its gloss, read as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, joined, mean_of
from massive_kit.data.lexicons.glossaries import FOLDER
from massive_kit.data.lexicons.glossing import GlossedWord
from massive_kit.errors import MassiveKitError
from massive_kit.systems.composite.counting import CountedReadings
from massive_kit.systems.composite.members import load_members, write_members
from massive_kit.systems.composite.system import CompositeSystem
from massive_kit.systems.glossed.glossers import Glosser, load_glosser
from massive_kit.systems.glossed.recipe import GlossedRecipe
from massive_kit.systems.interface import (
    DistributionSystem,
    JointlyDecodedSystem,
    System,
    Utterance,
)
from massive_kit.systems.kind import MemberRun
from massive_kit.systems.label_transitions import Transitions


@dataclass(frozen=True, slots=True)
class GlossedSystem(CompositeSystem):
    """A system that reads texts and their glosses.

    Attributes:
        reader: Says how likely each label is.
        glosser: What stands for the words of texts; some are read as they are.
        inventory: The labels that the reader knows.
        character_locales: Locales whose tokens are characters.
        weight: Of what is said of glosses, in 0..1.
        allowed_labels: For each intent the labels that may stand with it; empty where any may.
        transitions: What the reader reads labels by beside what it says of each.
    """

    title: ClassVar[str] = "a glossed run"
    asked: ClassVar[str] = "the run that was glossed"

    reader: DistributionSystem
    glosser: Glosser
    inventory: Inventory
    character_locales: frozenset[str]
    weight: float = 0.5
    allowed_labels: Sequence[Sequence[int]] = ()
    transitions: Transitions | None = None

    @classmethod
    def of(cls, reader: System, glosser: Glosser, weight: float | None = None) -> GlossedSystem:
        """A system with what glosses texts; it says how likely each label is."""
        assert isinstance(reader, DistributionSystem)
        weight = glosser.settings.weight if weight is None else weight
        system = cls(reader, glosser, reader.inventory, reader.character_locales, weight)
        if not isinstance(reader, JointlyDecodedSystem):
            return system
        read_by = reader.transitions
        return replace(system, allowed_labels=reader.allowed_labels, transitions=read_by)

    @classmethod
    def load(cls, folder: Path, weight: float | None = None) -> GlossedSystem:
        """The system in a model folder.

        Args:
            folder: The folder.
            weight: Another weight of glosses than the run was made with.

        Raises:
            MissingDataError: What glosses texts is missing.
            MassiveKitError: That or the run's model is missing or damaged.
        """
        readers = load_members(folder)
        if len(readers) != 1:
            raise MassiveKitError(
                f"{folder} holds {len(readers)} models where one is expected; make the run again"
            )
        glosser = load_glosser(folder / FOLDER, readers[0].character_locales)
        return cls.of(readers[0], glosser, weight)

    def mean_distributions(
        self, utterances: Sequence[Utterance], progress: Callable[[int], None] | None
    ) -> LabelDistributions:
        """The logarithms of the mean probabilities of all intents and token labels.

        Of several words that stand for a token, what is said of the one that is most likely in a
        slot. Where a text has no glossary, what is said of it alone.

        Args:
            utterances: The utterances.
            progress: Called with the number of utterances that were read in both ways.

        Raises:
            DataError: What glosses texts is damaged.
        """
        glossed = _Glosses.of(utterances, self.glosser if self.weight else None)
        counted = CountedReadings(1 + bool(glossed.rows), progress)
        of_texts = self.reader.label_distributions(utterances, None, counted.add)
        if not glossed.rows:
            return of_texts
        counted.add(len(utterances) - len(glossed.rows))
        of_glosses = self.reader.label_distributions(glossed.utterances, None, counted.add)
        rows = np.array(glossed.rows, np.int64)
        before = of_texts.taken(rows)
        on_tokens = glossed.on_tokens(of_glosses, before, self.inventory)
        mean = mean_of([before, on_tokens], [1 - self.weight, self.weight])
        return _with(of_texts, rows, mean)


@dataclass(frozen=True, slots=True)
class _Glosses:
    """Those of some utterances that are of other words than they.

    Attributes:
        rows: Which utterances they are of.
        utterances: The glosses, as utterances of their own language: what is made for the language
            of the texts, such as its rates of labels, is not for them.
        words: The words of each.
    """

    rows: list[int]
    utterances: list[Utterance]
    words: list[list[GlossedWord]]

    @classmethod
    def of(cls, utterances: Sequence[Utterance], glosser: Glosser | None) -> _Glosses:
        """Those that something gives."""
        glosses = cls([], [], [])
        if glosser is None:
            return glosses
        source = glosser.settings.source
        for row, words in enumerate(glosser.glosses(utterances)):
            utterance = utterances[row]
            texts = [word.word for word in words]
            if texts and texts != [*utterance.tokens]:
                glosses.rows.append(row)
                text = " ".join(texts)
                glosses.utterances.append(Utterance(utterance.id, source, text, texts))
                glosses.words.append(words)
        return glosses

    def on_tokens(
        self, of_words: LabelDistributions, of_texts: LabelDistributions, inventory: Inventory
    ) -> LabelDistributions:
        """What was said of glosses, on the tokens of the texts that they are of.

        Args:
            of_words: Of each word of each gloss.
            of_texts: Of each token of each text. Where either was cut off, this stays.
            inventory: The labels.
        """
        pairs = np.array(
            [
                (of_texts.offsets[row] + token, of_words.offsets[row] + number, token > word.start)
                for row, words in enumerate(self.words)
                for number, word in enumerate(words)
                for token in range(word.start, word.end)
            ],
            np.int64,
        ).reshape(-1, 3)
        pairs = pairs[of_words.read[pairs[:, 1]] & of_texts.read[pairs[:, 0]]]
        # Of the words that stand for a token, first the one that is least likely in no slot.
        pairs = pairs[np.lexsort((of_words.labels[pairs[:, 1], 0], pairs[:, 0]))]
        _, first = np.unique(pairs[:, 0], return_index=True)
        tokens, numbers, later = pairs[first].T
        chosen = of_words.labels[numbers]
        goes_on = later.astype(bool)
        chosen[goes_on] = _continued(chosen[goes_on], inventory)
        labels: NDArray[np.floating[Any]] = of_texts.labels.copy()
        labels[tokens] = chosen
        return replace(of_texts, intents=of_words.intents, labels=labels)


def _continued(
    logarithms: NDArray[np.floating[Any]], inventory: Inventory
) -> NDArray[np.floating[Any]]:
    """Of tokens past the first that a word stands for: what begins a span there goes on with it.

    Args:
        logarithms: Shape (tokens, labels), of probabilities.
        inventory: The labels.
    """
    begins = np.arange(logarithms.shape[1])
    goes_on = inventory.continued(begins)
    moved = goes_on != begins
    if not moved.any():
        return logarithms
    changed = logarithms.copy()
    both = np.logaddexp(logarithms[:, begins[moved]], logarithms[:, goes_on[moved]])
    changed[:, goes_on[moved]] = both
    changed[:, begins[moved]] = -np.inf
    return changed


def _with(
    outputs: LabelDistributions, rows: NDArray[np.int64], changed: LabelDistributions
) -> LabelDistributions:
    """What is said of utterances, in some rows something else."""
    order = np.arange(len(outputs))
    order[rows] = len(outputs) + np.arange(len(rows))
    return joined([outputs, changed]).taken(order)


def load(folder: Path, recipe: GlossedRecipe) -> GlossedSystem:
    """The system in a model folder.

    Raises:
        MissingDataError: The glossaries are missing.
        MassiveKitError: The run's model is missing or damaged.
    """
    return GlossedSystem.load(folder, recipe.weight)


def assemble(members: Sequence[MemberRun], folder: Path) -> None:
    """Writes the model of a run into an empty model folder."""
    write_members(folder, [(member.model, member.recipe) for member in members])
