"""Glossaries in a folder: for each language a file, with a word and what stands for it a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from massive_kit.data.lexicons.columns import read_columns
from massive_kit.data.lexicons.glossing import Glossary
from massive_kit.data.lexicons.scripts import target_of_script
from massive_kit.errors import MissingDataError
from massive_kit.languages import LanguageTable

# Of a model folder.
FOLDER = "glossaries"
_END = ".tsv"
# How languages are written that have spaces between words; others, if at all, by annotators.
_SPACED = "natural"


def write_glossary(folder: Path, target: str, glosses: Mapping[str, str]) -> None:
    """Writes the glossary of a locale, or of a script such as `und-Cyrl`."""
    with (folder / f"{target}{_END}").open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{word}\t{gloss}\n" for word, gloss in sorted(glosses.items()))


@dataclass(frozen=True, slots=True)
class Glossaries:
    """The glossaries in a folder; each is read when it is asked for first.

    Attributes:
        folder: The folder.
        targets: The locales, and scripts, that have one.
    """

    folder: Path
    targets: frozenset[str]
    _read: dict[str, Glossary | None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, folder: Path) -> Glossaries:
        """Those in a folder.

        Raises:
            MissingDataError: There are none.
        """
        targets = frozenset(path.stem for path in folder.glob(f"*{_END}"))
        if not targets:
            raise MissingDataError(f"{folder} holds no glossary; make the run again")
        return cls(folder, targets)

    def of(self, locale: str) -> Glossary | None:
        """The glossary of a locale, or else of its script; `None` where there is neither.

        Raises:
            DataError: It is damaged; every mistake is told.
        """
        if locale not in self._read:
            named = [
                name for name in (locale, target_of_script(locale)) if name and name in self.targets
            ]
            self._read[locale] = self._glossary(named[0], locale) if named else None
        return self._read[locale]

    def _glossary(self, target: str, locale: str) -> Glossary:
        glosses: dict[str, str] = {}
        read_columns(self.folder / f"{target}{_END}", glosses.__setitem__)
        spacing = LanguageTable.shipped()[locale].get("spacing") or _SPACED
        return Glossary(glosses, spaced=spacing == _SPACED)
