"""Labelled rows of a store with the dictionaries of their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from massive_kit.data.derivation import UsedFile
from massive_kit.data.lexicons.coverage import Coverage, TextWords
from massive_kit.data.lexicons.files import (
    LexiconFile,
    lexicon_files,
    named_path,
    passed_over,
    read_lemmas,
    read_lexicons,
)
from massive_kit.data.lexicons.induced import InducedLexicons
from massive_kit.data.lexicons.lexicon import Lexicon
from massive_kit.data.lineage import UsedResource
from massive_kit.data.rewriting import LabelledRows
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.schema.resources import Resource


@dataclass(frozen=True)
class Dictionaries:
    """The dictionaries that a transform names.

    Attributes:
        named: As `lexicon_files` takes them.
        lemmas: A file with forms and lemmas of the source language, or `None`.
        source: The locale whose words are looked up.
        locales: What targets may be meant by a language alone.
    """

    named: Sequence[str]
    lemmas: Path | None
    source: str
    locales: Sequence[str]

    @cached_property
    def files(self) -> tuple[LexiconFile, ...]:
        """Their files, each language once.

        Raises:
            MissingDataError: As `lexicon_files`.
            UsageError: As there.
        """
        return lexicon_files(self.named, self.source, self.locales)

    def used(self, user: str) -> tuple[UsedResource, ...]:
        """A lexicon, unless all was induced and is as it was then; and what induced ones used.

        Args:
            user: Who uses them, for the chain.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        induced = [self._induced(name) for name in self.named]
        # Whoever says what language a file is of knows more than what induced it.
        renamed = any(named_path(name) != Path(name) for name in self.named)
        by_people = not induced or self.lemmas or not all(induced) or self.changed or renamed
        of_induced = [used.through(user) for made in filter(None, induced) for used in made.used]
        return (
            *((UsedResource("lexicon", (user,)),) if by_people else ()),
            *dict.fromkeys(of_induced),
        )

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The names of what they use, as `used` has it.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        return tuple(dict.fromkeys(used.resource for used in self.used("")))

    @property
    def changed(self) -> list[str]:
        """The paths of dictionaries that were changed after they were induced.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        changed: list[str] = []
        for name in self.named:
            if induced := self._induced(name):
                changed += map(str, induced.changed(named_path(name)))
        return changed

    def warnings(self) -> tuple[str, ...]:
        """What to tell of those that were changed, and of files that are none by their names.

        Raises:
            DataError: What a folder says of itself is damaged.
        """
        others = passed_over(self.named, self.source, self.locales)
        return (
            *(
                f"{path} is not as it was induced, so that the resource lexicon is used"
                for path in self.changed
            ),
            *(
                f"{path} is passed over, since its name says no language; de-DE={path} does"
                for path in others
                if self.lemmas is None or path.resolve() != self.lemmas.resolve()
            ),
        )

    def used_files(self) -> dict[str, list[UsedFile]]:
        """All that is read, as the lineage keeps it, and the encoders that dictionaries are of."""
        induced = filter(None, map(self._induced, self.named))
        encoders = [UsedFile(made.encoder["name"], made.encoder["sha256"]) for made in induced]
        return {
            "lexicon": [UsedFile(file.path.name, file.sha256) for file in self.files],
            "lemmas": [UsedFile.of(self.lemmas)] if self.lemmas else [],
            **({"encoder": [*dict.fromkeys(encoders)]} if encoders else {}),
        }

    def check(self) -> None:
        """Refuses dictionaries that were induced from text of another locale.

        Raises:
            UsageError: There is such a folder; all are told.
            DataError: What a folder says of itself is damaged.
        """
        problems = []
        for name in self.named:
            induced = self._induced(name)
            if induced and induced.source != self.source:
                problems.append(
                    f"{name} was induced for {induced.source}, and the rows are {self.source}"
                )
        if problems:
            raise UsageError("; ".join(problems))

    @staticmethod
    def _induced(name: str) -> InducedLexicons | None:
        path = named_path(name)
        return InducedLexicons.read(path if path.is_dir() else path.resolve().parent)

    def look_up(self, store: Store, partitions: Sequence[str]) -> LookedUpRows:
        """The source's rows, and what the dictionaries have of their words.

        Raises:
            DataError: A dictionary is broken; every mistake is told.
            MissingDataError: The store lacks a partition of the source, or as `lexicon_files`.
            UsageError: As `lexicon_files` and `check`.
        """
        self.check()
        parts = {name: LabelledRows.read(store, self.source, name) for name in partitions}
        text = TextWords.of(
            [word for phrase in row for word in phrase.words]
            for part in parts.values()
            for row in part.phrases
        )
        lemmas = read_lemmas(self.lemmas) if self.lemmas else None
        lexicons = tuple(read_lexicons(self.files, text.entries, lemmas))
        return LookedUpRows(parts, lexicons, tuple(map(text.coverage, lexicons)))


@dataclass(frozen=True, slots=True)
class LookedUpRows:
    """Rows, and the dictionaries of their words.

    Attributes:
        parts: The rows, by partition.
        lexicons: The entries of each dictionary that the rows may need.
        coverage: How much of the rows each knows.
    """

    parts: Mapping[str, LabelledRows]
    lexicons: tuple[Lexicon, ...]
    coverage: tuple[Coverage, ...]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.parts.values()))
