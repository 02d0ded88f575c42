"""Which dictionaries a command line names, of which languages, and reading them.

A file says its languages by its name: `en-de.txt`, `eng-deu.tei`, or `de-DE.tsv.gz` alone, whose
entries are of the locale that is to be translated. Otherwise, `de-DE=FILE` does. `und-Cyrl.tsv` has
words of any language of a script.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.lexicons.columns import read_columns
from massive_kit.data.lexicons.freedict import read_freedict
from massive_kit.data.lexicons.lexicon import Lexicon, LexiconBuilder
from massive_kit.data.lexicons.panlex import is_panlex, read_panlex
from massive_kit.data.lexicons.scripts import is_script_target
from massive_kit.errors import DataError, MissingDataError, Problem, UsageError
from massive_kit.files.bounded_lines import bounded_chunks
from massive_kit.languages import LanguageTable
from massive_kit.provenance import file_sha256

_NAMED = re.compile(r"([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)=(.+)")
# MUSE's and FreeDict's names; in lower case, so that it is no locale such as de-DE.
_PAIR = re.compile(r"([a-z]{2,3})-([a-z]{2,3})(?=\.|$)")
_ENDS = (".tsv", ".txt", ".tei", ".xml", ".dic", ".dict")


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """A dictionary that is not read yet.

    Attributes:
        path: The file, or PanLex's folder.
        source: The locale of its entries.
        target: The locale of its translations.
    """

    path: Path
    source: str
    target: str

    @property
    def sha256(self) -> str:
        """Of the file, or of the hashes of a folder's tables."""
        if self.path.is_file():
            return file_sha256(self.path)
        return " ".join(file_sha256(file) for file in sorted(self.path.glob("*.csv")))

    def read(
        self, wanted: Collection[str] | None = None, lemmas: Mapping[str, str] | None = None
    ) -> Lexicon:
        """The dictionary.

        Args:
            wanted: The entries to keep, in lower case; by default all.
            lemmas: By form, the lemma whose translations a form has that is no entry itself.

        Raises:
            DataError: It is broken, or translates the other way; every mistake is told.
            MissingDataError: It is not there.
        """
        known = lemmas or {}
        if wanted is not None:
            known = {form: lemma for form, lemma in known.items() if form in wanted}
            wanted = {*wanted, *known.values()}
        builder = LexiconBuilder(wanted)
        if self.path.is_dir() or self.path.suffix == ".zip":
            read_panlex(self.path, self.source, self.target, builder.add)
        elif next(bounded_chunks(self.path), b"").lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            read_freedict(self.path, builder.add)
        else:
            read_columns(self.path, builder.add)
        if builder.swapped:
            raise DataError(f"{self.path} cannot be used", [self._swapped(builder)])
        return builder.built(self.source, self.target, self.path.name, known)

    def _swapped(self, builder: LexiconBuilder) -> Problem:
        return Problem(
            str(self.path),
            f"{builder.backward_pairs:,} of its pairs translate into a word of the {self.source}"
            f" text, and only {builder.pairs:,} from one",
            f"words of {self.source}, and translations of them",
            "swap its columns, or take one of the other direction",
        )


def read_lexicons(
    files: Iterable[LexiconFile],
    wanted: Collection[str] | None = None,
    lemmas: Mapping[str, str] | None = None,
) -> Iterator[Lexicon]:
    """Several dictionaries, one after another; what is wrong with any is told behind the last.

    Args:
        files: The dictionaries.
        wanted: As `LexiconFile.read` takes it.
        lemmas: Likewise.

    Raises:
        DataError: One is broken, or translates the other way; every mistake of all is told.
        MissingDataError: One is not there.
    """
    wrong: list[DataError] = []
    for file in files:
        try:
            lexicon = file.read(wanted, lemmas)
        except DataError as error:
            wrong.append(error)
        else:
            yield lexicon
    if len(wrong) > 1:
        problems = [problem for error in wrong for problem in error.problems]
        total = sum(error.total for error in wrong)
        raise DataError(f"{len(wrong)} dictionaries cannot be used", problems, total)
    if wrong:
        raise wrong[0]


def lexicon_files(
    named: Sequence[str], source: str, locales: Sequence[str] = ()
) -> tuple[LexiconFile, ...]:
    """The dictionaries that a command line names, each language once.

    Args:
        named: Files, folders of files, or PanLex's export; before each may stand `LOCALE=`. Of a
            folder those files are taken whose names say their languages.
        source: The locale of the rows.
        locales: What targets may be meant by a language alone, such as those of a store; beside
            them those of the language table.

    Raises:
        MissingDataError: One is not there.
        UsageError: One says no language, or one of another source; all mistakes are told.
    """
    reading = _Naming(source, tuple(dict.fromkeys((*locales, *LanguageTable.shipped().languages))))
    files: dict[str, LexiconFile] = {}
    for name in named:
        for file in reading.files(name):
            if file.target in files:
                reading.problems.append(
                    f"{file.path} and {files[file.target].path} are both of {file.target}"
                )
            files[file.target] = file
    if not named:
        reading.problems.append("no lexicon; name files with --lexicon")
    if reading.problems:
        problems = "; ".join(reading.problems)
        raise MissingDataError(problems) if reading.missing else UsageError(problems)
    return tuple(files[target] for target in sorted(files))


def passed_over(named: Sequence[str], source: str, locales: Sequence[str] = ()) -> list[Path]:
    """The files of folders that `lexicon_files` leaves out, since their names say no language.

    Args:
        named: As `lexicon_files` takes them.
        source: The locale of the rows.
        locales: As there.
    """
    reading = _Naming(source, tuple(dict.fromkeys((*locales, *LanguageTable.shipped().languages))))
    folders = [path for path in map(named_path, named) if path.is_dir() and not is_panlex(path)]
    return [file for folder in folders for file in reading.inside(folder) if not reading.pair(file)]


def named_path(name: str) -> Path:
    """The path in what names a dictionary: a path, or `LOCALE=PATH`."""
    path = Path(name)
    named = None if path.exists() else _NAMED.fullmatch(name)
    return Path(named[2]) if named else path


class _Naming:
    def __init__(self, source: str, known: tuple[str, ...]) -> None:
        self.source, self.known = source, known
        self.problems: list[str] = []
        self.missing = False

    def files(self, name: str) -> Iterator[LexiconFile]:
        path = named_path(name)
        target = "" if path == Path(name) else name.partition("=")[0]
        if not path.exists():
            self.problems.append(f"{path} not found")
            self.missing = True
        elif is_panlex(path) or not path.is_dir():
            yield from self._file(path, target)
        elif target:
            self.problems.append(f"{path} is a folder without PanLex's tables")
        else:
            own = (self.source, self.source)
            kept = [file for file in self.inside(path) if self.pair(file) not in {None, own}]
            if not kept:
                self.problems.append(f"{path} holds no lexicon such as de-DE.tsv.gz or en-de.txt")
            for file in kept:
                yield from self._file(file, "")

    def inside(self, folder: Path) -> list[Path]:
        """The files of a folder that are named as dictionaries are."""
        return [file for file in sorted(folder.iterdir()) if _stem(file) is not None]

    def _file(self, path: Path, target: str) -> Iterator[LexiconFile]:
        pair = (self.source, target) if target else self.pair(path)
        if pair is None:
            self.problems.append(f"{path} says no language; put it before: de-DE={path}")
            return
        source, into = (self._locale(code) for code in pair)
        if source is None or into is None:
            return
        if source != self.source:
            self.problems.append(f"{path} is of {source}, and the rows of {self.source}")
        elif into == self.source:
            self.problems.append(f"{path} translates into {into}, the language of the rows")
        else:
            yield LexiconFile(path, source, into)

    def pair(self, path: Path) -> tuple[str, str] | None:
        """The languages that a file's name says; `None` where it says none."""
        stem = _stem(path)
        if stem is None:
            return None
        pair = _PAIR.match(stem)
        if pair:
            return pair[1], pair[2]
        if is_script_target(stem):
            return self.source, stem
        match = LanguageTable.shipped().match(stem, self.known)
        return (self.source, match.locale) if match.known and "-" in stem else None

    def _locale(self, code: str) -> str | None:
        if is_script_target(code):
            return code
        # A language alone is the rows' own where it can be: of en-US and en-GB it is theirs.
        own = LanguageTable.shipped().match(code, [self.source])
        match = own if own.known else LanguageTable.shipped().match(code, self.known)
        if match.problem:
            self.problems.append(f"{match.problem}; put the one that is meant before the file")
            return None
        return match.locale


def is_dictionary(path: Path) -> bool:
    """Whether a path is named as a dictionary of a folder is, or as a table of PanLex's."""
    return _stem(path) is not None or path.suffix == ".csv"


def _stem(path: Path) -> str | None:
    """A file's name without what says its form; `None` where that is no dictionary's."""
    name = path.name.removesuffix(".gz")
    if not any(name.endswith(end) for end in _ENDS):
        return None
    return name.partition(".")[0]


def read_lemmas(path: Path) -> dict[str, str]:
    """Lemmas by form, of a file with a form and its lemma a line.

    Raises:
        DataError: It is broken; every mistake is told.
        MissingDataError: It is not there.
    """
    lemmas: dict[str, str] = {}

    def take(form: str, lemma: str) -> None:
        lemmas.setdefault(form.lower(), lemma.lower())

    read_columns(path, take)
    if not lemmas:
        raise DataError(f"{path} cannot be read", [Problem(str(path), "no line")])
    return lemmas
