"""Glossaries in a folder: for each language a file, with a word and what stands for it a line.

Where several may stand for a word, it has as many lines, the likeliest first.

`glossaries.json` says in which language words are glossed, and which are not to be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from massive_kit.data.lexicons.columns import read_columns
from massive_kit.data.lexicons.glossing import MOST_CHOICES, Choices, Glossary
from massive_kit.data.lexicons.lexicon import MOST_WORDS
from massive_kit.data.lexicons.scripts import target_of_script
from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.jsonio import read_json, write_json
from massive_kit.languages import LanguageTable

# Of a model folder.
FOLDER = "glossaries"
_ABOUT, _END = "glossaries.json", ".tsv"
_FORMAT = "glossaries-1"
# Of `glossaries.json`, which has a locale a line at most.
_MOST_BYTES = 1 << 20
# How languages are written that have spaces between words; others, if at all, by annotators.
_SPACED = "natural"
_AGAIN = "make the run again with `massive-kit gloss`"


@dataclass(frozen=True, slots=True)
class GlossSettings:
    """What glossaries are for.

    Attributes:
        source: The locale that glosses are in; its own texts have none.
        learnt: The locales whose labels a system has learnt; the glossary of a script is not for
            them.
        weight: How much what a system says of glosses counts, in 0..1.
        joint: Whether dictionaries and an encoder gloss together, so that both are there.
        targets: The locales, and scripts, that were given a glossary; empty where nobody noted it.
    """

    source: str
    learnt: tuple[str, ...] = ()
    weight: float = 0.5
    joint: bool = False
    targets: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> GlossSettings:
        """Those of the glossaries in a folder.

        Raises:
            MissingDataError: There are none.
            DataError: They are damaged.
        """
        path = folder / _ABOUT
        if not path.is_file():
            raise MissingDataError(f"{folder} holds no {_ABOUT}; {_AGAIN}")
        try:
            return cls._of(read_json(path) if path.stat().st_size <= _MOST_BYTES else None)
        except (AttributeError, KeyError, TypeError, ValueError):
            expected = f"a file of format {_FORMAT}"
            problem = Problem(str(path), "something else", expected, _AGAIN)
            raise DataError(f"{folder} cannot be read", [problem]) from None

    @classmethod
    def _of(cls, value: Any) -> GlossSettings:
        learnt, joint = tuple(map(str, value["learnt"])), value.get("joint", False) is True
        targets = tuple(map(str, value.get("targets", ())))
        settings = cls(str(value["source"]), learnt, value["weight"], joint, targets)
        if value["format"] != _FORMAT or not 0 <= settings.weight <= 1:
            raise ValueError(_FORMAT)
        return settings


def write_glossaries(
    folder: Path, settings: GlossSettings, glossaries: Mapping[str, Mapping[str, Choices]]
) -> None:
    """Writes glossaries into a new folder.

    Args:
        folder: The folder.
        settings: What they are for.
        glossaries: By locale, or script such as `und-Cyrl`, what may stand for its words, the
            likeliest first.
    """
    folder.mkdir()
    for target, glosses in glossaries.items():
        with (folder / f"{target}{_END}").open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(
                f"{word}\t{gloss}\n" for word in sorted(glosses) for gloss in glosses[word]
            )
    write_settings(folder, replace(settings, targets=(*sorted(glossaries),)))


def write_settings(folder: Path, settings: GlossSettings) -> None:
    """Writes what glosses are for into a folder."""
    about = {"source": settings.source, "learnt": [*settings.learnt], "weight": settings.weight}
    joint = {"joint": True} if settings.joint else {}
    targets = {"targets": [*settings.targets]} if settings.targets else {}
    write_json(folder / _ABOUT, {"format": _FORMAT, **about, **joint, **targets})


@dataclass(frozen=True, slots=True)
class Glossaries:
    """The glossaries in a folder; each is read when it is asked for first.

    Attributes:
        folder: The folder.
        settings: What they are for.
        targets: The locales, and scripts, that have one.
        unspaced: Locales whose tokens are characters, beside those that the language table says are
            written without spaces.
    """

    folder: Path
    settings: GlossSettings
    targets: frozenset[str]
    unspaced: frozenset[str] = frozenset()
    _read: dict[tuple[str, bool], Glossary] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, folder: Path, unspaced: Collection[str] = ()) -> Glossaries:
        """Those in a folder.

        Raises:
            MissingDataError: There are none.
            DataError: What they are for is damaged.
        """
        settings = GlossSettings.read(folder)
        targets = frozenset(path.stem for path in folder.glob(f"*{_END}"))
        if not targets:
            raise MissingDataError(f"{folder} holds no glossary; {_AGAIN}")
        if lost := sorted({*settings.targets} - targets):
            files = ", ".join(f"{target}{_END}" for target in lost)
            raise MissingDataError(f"{folder} holds no {files}; {_AGAIN}")
        return cls(folder, settings, targets, frozenset(unspaced))

    def of(self, locale: str) -> Glossary | None:
        """The glossary of a locale, or else of its script; `None` where there is neither.

        Raises:
            DataError: It is damaged; every mistake is told.
        """
        target = self._target(locale)
        if target is None:
            return None
        spacing = LanguageTable.shipped()[locale].get("spacing") or _SPACED
        spaced = locale not in self.unspaced and spacing == _SPACED
        if (target, spaced) not in self._read:
            glosses = _read_glosses(self.folder / f"{target}{_END}")
            self._read[target, spaced] = Glossary(glosses, spaced)
        return self._read[target, spaced]

    def _target(self, locale: str) -> str | None:
        if locale == self.settings.source:
            return None
        if locale in self.targets:
            return locale
        script = None if locale in self.settings.learnt else target_of_script(locale)
        return script if script in self.targets else None


def _read_glosses(path: Path) -> dict[str, Choices]:
    glosses: dict[str, list[str]] = {}
    problems = []

    def take(word: str, gloss: str) -> None:
        choices = glosses.setdefault(word, [])
        if gloss in choices:
            problems.append(Problem(str(path), f"{gloss!r} twice for {word!r}", "once", _AGAIN))
        if len(choices) == MOST_CHOICES:
            expected = f"{MOST_CHOICES} at most"
            problems.append(Problem(str(path), f"more glosses for {word!r}", expected, _AGAIN))
            return
        if gloss.count(" ") >= MOST_WORDS:
            expected = f"{MOST_WORDS} words at most"
            problems.append(Problem(str(path), f"a gloss of more for {word!r}", expected, _AGAIN))
        choices.append(gloss)

    read_columns(path, take)
    if problems:
        raise DataError(f"{path} is no glossary", problems)
    return {word: tuple(choices) for word, choices in glosses.items()}
