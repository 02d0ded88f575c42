"""Dictionaries of FreeDict: TEI, one `entry` with `orth` and `cit type="trans"` a headword.

Also P4, where a translation stands in `tr`. Translations of examples are none of the headword's.
XML that declares entities is refused, and no DTD is fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from massive_kit.errors import DataError, Problem
from massive_kit.files.bounded_lines import bounded_chunks

_MOST_DEPTH = 100
# Characters of a headword or translation; what is longer is passed over.
_MOST_TEXT = 200
# Translations times headwords of one entry.
_MOST_PAIRS = 10_000


def read_freedict(path: Path, take: Callable[[str, str], None]) -> None:
    """Gives each pair of a file to `take`.

    Raises:
        DataError: It is not XML, declares entities, or holds no entry.
        MissingDataError: There is no such file.
    """
    parser = expat.ParserCreate()
    reading = _Reading(take)
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.EntityDeclHandler = reading.entity
    problem: tuple[str, int] | None = None
    try:
        for chunk in bounded_chunks(path):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        problem = expat.errors.messages.get(error.code, "broken XML"), error.lineno
    except _RefusedError as error:
        problem = str(error), parser.CurrentLineNumber
    if problem is None and not reading.entries:
        problem = "no `entry` with a headword and a translation", parser.CurrentLineNumber
    if problem is not None:
        found, line = problem
        where = Problem(str(path), found, "TEI as FreeDict has it", line=line)
        raise DataError(f"{path} is not a FreeDict dictionary", [where])


class _RefusedError(Exception):
    """The XML may be meant to harm."""


@dataclass(slots=True)
class _Reading:
    take: Callable[[str, str], None]
    entries: int = 0
    _open: list[str] = field(default_factory=list)
    _headwords: list[str] = field(default_factory=list)
    _translations: list[str] = field(default_factory=list)
    _held: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "cit":
            kind = attributes.get("type", "")
            # Also "translation" and "translationEquivalent" of later TEI.
            name = "cit trans" if kind.startswith("trans") else f"cit {kind}"
        self._open.append(name)
        if len(self._open) > _MOST_DEPTH:
            raise _RefusedError(f"elements {_MOST_DEPTH} deep")
        if name == "entry":
            self._headwords, self._translations = [], []
        if self._list() is not None:
            self._held = []

    def end(self, _tag: str) -> None:
        values = self._list()
        if values is not None and self._held is not None:
            text = "".join(self._held).strip()
            if text and len(text) <= _MOST_TEXT:
                values.append(text)
            self._held = None
        if self._open.pop() == "entry":
            self._give()

    def text(self, text: str) -> None:
        if self._held is not None and len(self._held) <= _MOST_TEXT:
            self._held.append(text)

    def entity(self, *_declaration: object) -> None:
        raise _RefusedError("a declaration of an entity")

    def _list(self) -> list[str] | None:
        """Where the text of the element goes that was opened last."""
        name = self._open[-1]
        if name == "orth":
            return self._headwords
        if "cit example" in self._open:
            return None
        if name == "tr" or (name == "quote" and "cit trans" in self._open[-2:]):
            return self._translations
        return None

    def _give(self) -> None:
        if len(self._headwords) * len(self._translations) > _MOST_PAIRS:
            raise _RefusedError(f"an entry of more than {_MOST_PAIRS:,} pairs")
        for headword in self._headwords:
            for translation in self._translations:
                self.entries += 1
                self.take(headword, translation)
