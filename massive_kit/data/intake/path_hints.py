"""Locale and partition of a file, as its path says them: `en/train.tsv`, `de.test.conll`.

A file's name counts before the folders around it, a nearer folder before a farther one. A name that
says two things says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from massive_kit.data.intake.partition_names import canonical_partition, is_partition
from massive_kit.errors import Problem
from massive_kit.languages import LanguageTable
from massive_kit.languages.subtags import read_tag

_WITH_REGION = re.compile(r"(?<![A-Za-z0-9])[a-z]{2,3}[-_][A-Z]{2}(?![A-Za-z0-9])")
# A script, a region in any case, or private use (`de-x-muc`) follows the language.
_WITH_MORE = re.compile(
    r"[a-z]{2,3}(?=-)(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[a-z]{2}|-[0-9]{3})?(-x(-[a-z0-9]{1,8})+)?"
)
_DIALECT = re.compile(r"([a-z]{2,3})-([a-z0-9]{3,8})")
_TWO_LETTERS = re.compile(r"[a-z]{2}|[A-Z]{2}")
_THREE_LETTERS = re.compile(r"[a-z]{3}")
_WORD = re.compile(r"[^._\-\s]+")
# Words of three letters in the names of files and folders that are codes of no language meant.
_NO_LANGUAGES = """
    all api app asr bin bio csv dat doc end gpt iob ios lib llm log low max min ner new nlp nlu non
    old out pre qas raw seq set sid slu src sub sys tag tmp top tsv txt xml yml zip
"""
# Codes that are words, too: among others than partitions they are taken for the word.
_WORDS = "am as be he id in is it my no or so to"


@dataclass(frozen=True, slots=True)
class PathHints:
    """What the path of a file says.

    Attributes:
        locale: As it is spelled there, or `None`.
        partition: `train`, `dev` or `test`, or `None`.
        unclear: Why what looks like a locale there is none; "" where nothing does.
        language: What names a language there, and not which of its locales; or `None`.
    """

    locale: str | None = None
    partition: str | None = None
    unclear: str = ""
    language: str | None = None

    def locale_of(self, row_locale: str | None) -> str | None:
        """The locale of a row that says one, or none.

        Where a row names a language alone (`en`) and the path a locale of it (`en-GB`), it is the
        path's.
        """
        if not row_locale:
            return self.locale
        return self.locale if self.locale and _narrows(self.locale, row_locale) else row_locale

    def completed(self, locale: str | None, partition: str | None) -> PathHints:
        """What path and options say, where the path comes first.

        An option counts where the path says nothing, and where it names the language alone.

        Args:
            locale: That of the option, if it is given.
            partition: That of the option, if it is given.
        """
        named = self.locale or self.language
        keeps = locale is None or (named is not None and not _narrows(locale, named))
        return replace(
            self,
            locale=self.locale if keeps else locale,
            partition=self.partition or partition,
        )


def lacking(what: str, name: str, line: int, hints: PathHints) -> Problem:
    """The problem of a file that has no locale, or no partition, from a line on."""
    example = {"locale": "en-US", "partition": "test"}[what]
    reason = f"no {what}: neither the row nor the path says it"
    if what == "locale" and hints.unclear:
        reason = f"no locale: the row has none, and of the path's {hints.unclear}"
    option = f"give it with `data import --{what} {example}`, or put it into the path"
    return Problem(name, reason, f"a {what}", option, line=line)


def path_hints(path: PurePosixPath, languages: LanguageTable) -> PathHints:
    """What a path within a source says of the file's locale and partition."""
    locale = partition = None
    # The end of a name is a format, or a partition as in `eng.train`.
    stem = path.name if is_partition(path.suffix[1:]) else path.stem
    for name, whole in [(stem, False), *((folder, True) for folder in reversed(path.parts[:-1]))]:
        locales, rest = _locales(name, languages, whole=whole)
        words = [name.rpartition(".")[2]] if whole else rest
        partitions = {canonical_partition(word) for word in words if is_partition(word)}
        locale = locale or _only(locales)
        partition = partition or _only(partitions)
    if locale is None:
        return PathHints(None, partition, _unclear(stem))
    match = languages.match(locale)
    if match.problem:
        unclear = "; ".join(filter(None, (match.problem, match.hint)))
        return PathHints(None, partition, unclear, locale)
    return PathHints(locale, partition)


def _locales(name: str, languages: LanguageTable, *, whole: bool) -> tuple[set[str], list[str]]:
    """The codes of locales in a name, and the other words."""
    if whole:
        return ({name} if _is_code(name, languages) else set()), []
    locales = set()
    words = []
    for piece in name.split("."):
        if _WITH_MORE.fullmatch(piece) and _is_code(piece, languages):
            locales.add(piece)
        else:
            locales |= {match[0] for match in _WITH_REGION.finditer(piece)}
            words += _WORD.findall(_WITH_REGION.sub(" ", piece))
    rest = [word for word in words if not _is_code(word, languages)]
    if not all(map(is_partition, rest)):
        rest += [word for word in words if word in _WORDS.split()]
    return locales | {word for word in words if word not in rest}, rest


def _is_code(word: str, languages: LanguageTable) -> bool:
    if word in languages.languages or _WITH_REGION.fullmatch(word):
        return True
    if _THREE_LETTERS.fullmatch(word):
        return word not in _NO_LANGUAGES.split() and not is_partition(word)
    if not (_TWO_LETTERS.fullmatch(word) or _WITH_MORE.fullmatch(word)):
        return False
    tag = read_tag(word)
    return tag is not None and tag.assigned


def _narrows(locale: str, language: str) -> bool:
    """Whether a locale is one of a language, which is named without a region."""
    tag, general = read_tag(locale), read_tag(language)
    if tag is None or general is None or general.region or general.rest or tag == general:
        return False
    return tag.language == general.language and general.script in {"", tag.script}


def _unclear(stem: str) -> str:
    """What to tell of a name that begins with a language and goes on with no part of a code."""
    match = _DIALECT.fullmatch(stem.split(".", maxsplit=1)[0])
    tag = read_tag(match[1]) if match else None
    if match is None or tag is None or not tag.assigned:
        return ""
    return f"{match[0]!r} is no locale code; call a dialect {match[1]}-x-{match[2]}"


def _only(words: Iterable[str]) -> str | None:
    candidates = list(words)
    return candidates[0] if len(candidates) == 1 else None
