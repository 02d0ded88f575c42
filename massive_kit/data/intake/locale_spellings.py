"""How the rows of a source spell their locales: read as the language table has them, once each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from massive_kit.errors import Problem


@dataclass(frozen=True, slots=True)
class Spelling:
    """A locale as rows spell it.

    Attributes:
        locale: What it is read as.
        line: The first line that spells it so.
        file: That line's file.
    """

    locale: str
    line: int
    file: str = ""


@dataclass(slots=True)
class Spellings:
    """The spellings of a whole source, by what is written there."""

    first: dict[str, Spelling] = field(default_factory=dict)

    def see(self, given: Mapping[str, Spelling], file: str) -> None:
        """Adds those of a file, or of a part of it."""
        for text, spelling in given.items():
            self.first.setdefault(text, Spelling(spelling.locale, spelling.line, file))

    def add(self, other: Spellings) -> None:
        """Adds what was seen elsewhere."""
        for text, spelling in other.first.items():
            self.first.setdefault(text, spelling)

    @property
    def changed(self) -> dict[str, str]:
        """What is spelled otherwise than the locale that it is read as, and that locale."""
        return {text: by.locale for text, by in self.first.items() if text != by.locale}

    def problems(self) -> Iterator[Problem]:
        """Two spellings of one locale, each against the first of that locale."""
        of_locale: dict[str, tuple[str, Spelling]] = {}
        for text, spelling in self.first.items():
            other, first = of_locale.setdefault(spelling.locale, (text, spelling))
            if other != text:
                yield Problem(
                    spelling.file,
                    f"locale {text!r} here, {other!r} at {first.file}:{first.line}",
                    f"one spelling of {spelling.locale}",
                    f"write {spelling.locale!r} everywhere",
                    line=spelling.line,
                )
