"""Inflection tables: `lemma<TAB>form<TAB>features` a line, as UniMorph publishes them.

UniMorph 4.0: Batsuren et al. 2022. A fourth column (segmentations) is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from massive_kit.data.morphology.features import Change, change_between, features_of
from massive_kit.errors import DataError, Problem
from massive_kit.files.bounded_lines import bounded_lines

_MOST_PROBLEMS = 1000
_MOST_ROWS = 5_000_000
# Cells of one lemma and part of speech; more than the richest language has.
_MOST_CELLS = 5_000
_COLUMNS = 3
# Tables have slips such as `N;ACC:SG`, which name no cell that anything is compared with.
_FEATURES = re.compile(r"[A-Za-z][!-~]{0,199}")
_EXPECTED = "lemma, form and features with tabs between"
_INFINITIVE = "V;NFIN"


@dataclass(frozen=True, slots=True)
class Cell:
    """A form of a lemma.

    Attributes:
        lemma: Of which word.
        form: The form.
        features: What it is, as the table says.
    """

    lemma: str
    form: str
    features: str

    @property
    def is_imperative(self) -> bool:
        """Whether it is the imperative of a verb."""
        return features_of(self.features).is_imperative


@dataclass(frozen=True, slots=True)
class Variant:
    """Another form of a word.

    Attributes:
        before: The cell of the word as it stands.
        after: The cell of the other form.
        change: By what they differ.
    """

    before: Cell
    after: Cell
    change: Change


@dataclass(slots=True)
class Paradigms:
    """The inflection table of a language.

    Attributes:
        name: The file's name.
        cells: All cells by lemma and part of speech.
        by_form: All cells by form, in lower case.
    """

    name: str
    cells: dict[tuple[str, str], list[Cell]] = field(default_factory=dict)
    by_form: dict[str, list[Cell]] = field(default_factory=dict)
    _variants: dict[str, tuple[Variant, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Paradigms:
        """The table in a file, plain or gzip.

        Raises:
            DataError: Lines are no cells; all are told.
            MissingDataError: There is no such file.
        """
        paradigms = cls(path.name)
        problems: list[Problem] = []
        total = rows = 0
        for line in bounded_lines(path):
            if line.text is not None and not line.text.strip():
                continue
            columns = (line.text or "").split("\t")
            mistake = "text that is not UTF-8" if line.text is None else _mistake(columns)
            if mistake is None and paradigms._full(columns):
                mistake = f"more than {_MOST_CELLS:,} forms of {columns[0]!r}"
            rows += 1
            if rows > _MOST_ROWS:
                raise _refused(path, f"more than {_MOST_ROWS:,} lines", "a part of them", rows)
            if mistake is None:
                paradigms._add(*columns[:_COLUMNS])
                continue
            total += 1
            if total <= _MOST_PROBLEMS:
                problems.append(Problem(str(path), mistake, _EXPECTED, line=line.number))
        if problems:
            raise DataError(f"{path} is not an inflection table", problems, total)
        if not paradigms.cells:
            raise _refused(path, "no line", _EXPECTED)
        paradigms._add_infinitives()
        return paradigms

    def variants(self, word: str) -> tuple[Variant, ...]:
        """The other forms of a word that differ from it in one respect, each form once a change.

        Those of all its readings: nothing here knows which one is meant.
        """
        word = unicodedata.normalize("NFC", word).lower()
        known = self._variants.get(word)
        if known is None:
            known = self._variants[word] = tuple(self._find(word))
        return known

    def is_verb(self, word: str) -> bool:
        """Whether a word is a form of some verb."""
        cells = self.by_form.get(unicodedata.normalize("NFC", word).lower(), ())
        return any(cell.features.startswith("V") for cell in cells)

    def _find(self, word: str) -> list[Variant]:
        found: dict[tuple[str, str, Change], Variant] = {}
        for cell in self.by_form.get(word, ()):
            before = features_of(cell.features)
            for other in self.cells[cell.lemma, before.part_of_speech]:
                if other.form.lower() == word or " " in other.form:
                    continue
                change = change_between(before, features_of(other.features))
                if change is not None:
                    key = (other.form, cell.lemma, change)
                    found.setdefault(key, Variant(cell, other, change))
        return [*found.values()]

    def _full(self, columns: list[str]) -> bool:
        part = columns[2].partition(";")[0]
        return len(self.cells.get((columns[0], part), ())) >= _MOST_CELLS

    def _add(self, lemma: str, form: str, features: str) -> None:
        lemma, form = (unicodedata.normalize("NFC", text.strip()) for text in (lemma, form))
        cell = Cell(lemma, form, features.strip().rstrip(";"))
        part = features_of(cell.features).part_of_speech
        self.cells.setdefault((lemma, part), []).append(cell)
        self.by_form.setdefault(form.lower(), []).append(cell)

    def _add_infinitives(self) -> None:
        """Lemmas of verbs that have an imperative and are no form in their table.

        There the word is cited by its infinitive (Norwegian, Danish), which some tables leave out;
        where it is cited by a finite form (Hebrew, Amharic), that form is in the table.
        """
        for (lemma, part), cells in [*self.cells.items()]:
            if part != "V" or any(cell.form == lemma for cell in cells):
                continue
            every = [features_of(cell.features) for cell in cells]
            if any(entry.is_imperative for entry in every) and not any(
                entry.is_infinitive for entry in every
            ):
                self._add(lemma, lemma, _INFINITIVE)


def _mistake(columns: list[str]) -> str | None:
    if len(columns) < _COLUMNS:
        count = len(columns)
        return f"{count} column{'s' * (count > 1)}"
    if not columns[0].strip() or not columns[1].strip():
        return "an empty column"
    if not _FEATURES.fullmatch(columns[2].strip()):
        return f"features {columns[2][:40]!r}"
    return None


def _refused(path: Path, reason: str, expected: str, line: int | None = None) -> DataError:
    problem = Problem(str(path), reason, expected, line=line)
    return DataError(f"{path} cannot be read", [problem])
