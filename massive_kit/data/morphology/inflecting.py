"""Utterances with one word in another form."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from massive_kit.data.morphology.features import Change
from massive_kit.data.morphology.paradigms import Paradigms, Variant
from massive_kit.data.rewriting import Phrase


@dataclass(frozen=True, slots=True)
class Inflection:
    """A word of an utterance that can have another form.

    Attributes:
        phrase: The place of its phrase.
        word: Its place in the phrase.
        variant: The other form.
    """

    phrase: int
    word: int
    variant: Variant

    def applied(self, phrases: Sequence[Phrase]) -> list[Phrase]:
        """The utterance with the other form, spelled with a capital where the word was."""
        changed = [*phrases]
        old = changed[self.phrase]
        form = self.variant.after.form
        word = old.words[self.word]
        if word[:1].isupper():
            form = form[:1].upper() + form[1:]
        elif word.islower():
            form = form.lower()
        words = (*old.words[: self.word], form, *old.words[self.word + 1 :])
        changed[self.phrase] = Phrase(words, old.slot)
        return changed


def inflections(
    phrases: Sequence[Phrase],
    paradigms: Paradigms,
    changes: Collection[Change],
    never: Collection[str] = (),
) -> Iterator[Inflection]:
    """The changes that an utterance allows and that leave its labels right.

    The mood and number of its first verb outside of slots, if that is an imperative, or the
    infinitive that the utterance begins with; and the number and case of words in slots.

    Args:
        phrases: The utterance.
        paradigms: The table of its language.
        changes: Which changes are wanted.
        never: Slots that are left as they are.
    """
    verb_seen = False
    for place, phrase in enumerate(phrases):
        for number, word in enumerate(phrase.words):
            if phrase.slot is None:
                if verb_seen or not paradigms.is_verb(word):
                    continue
                verb_seen = True
                wanted = {"imperative", "mood"}
            elif phrase.slot in never:
                continue
            else:
                wanted = {"number", "case"}
            for variant in paradigms.variants(word):
                # After a modal an infinitive stays one.
                asks = place == number == 0 or variant.before.is_imperative
                if variant.change == "mood" and not asks:
                    continue
                if variant.change in wanted and variant.change in changes:
                    yield Inflection(place, number, variant)


@dataclass(frozen=True, slots=True)
class InflectedRow:
    """An utterance with one word in another form.

    Attributes:
        row: The place of the utterance that it is made of.
        phrases: What it is made of.
        word: The word that was changed.
        inflection: What was changed.
    """

    row: int
    phrases: list[Phrase]
    word: str
    inflection: Inflection


@dataclass(frozen=True, slots=True)
class Inflector:
    """A way to inflect utterances of a language.

    Attributes:
        paradigms: Its table.
        changes: Which changes are wanted.
        never: Slots that are left as they are.
        most: At most so many variants of each utterance.
    """

    paradigms: Paradigms
    changes: Collection[Change]
    never: Collection[str] = ()
    most: int = 1

    def inflected(
        self, rows: Iterable[Sequence[Phrase]], generator: np.random.Generator
    ) -> Iterator[InflectedRow]:
        """Variants of utterances, drawn among all that each allows.

        Args:
            rows: The utterances.
            generator: Draws.
        """
        for row, phrases in enumerate(rows):
            possible = [*inflections(phrases, self.paradigms, self.changes, self.never)]
            if not possible:
                continue
            for place in sorted(generator.permutation(len(possible))[: self.most]):
                inflection = possible[place]
                word = phrases[inflection.phrase].words[inflection.word]
                yield InflectedRow(row, inflection.applied(phrases), word, inflection)
