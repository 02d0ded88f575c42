"""How a prediction file spells the locales of its task: in any way, but each in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from massive_kit.languages import LocaleMatch
from massive_kit.submission import rules
from massive_kit.submission.excerpts import short
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Violation

# Spellings that are looked at; no task has a tenth of it, and an attack is cut short.
_MOST = 1_000


class LocaleReading:
    """The locales of a file, which remembers how each is spelled.

    Attributes:
        rows: The row of each id, by locale as the file spells it, so that rows are found at once
            under another spelling, too, once that is known.
    """

    def __init__(self, index: TaskIndex, untested: Iterable[str] = ()) -> None:
        self.rows = dict(index.rows)
        self._index = index
        self._locales = tuple(dict.fromkeys([*index.locales, *untested]))
        self._matches: dict[str, LocaleMatch] = {}
        # By locale: how the file spells it, and where it did so first.
        self._spelled: dict[str, tuple[str, int]] = {}
        self._wrong: dict[str, Violation] = {}

    def extend(self, index: TaskIndex) -> None:
        """Takes in the rows of locales that there were none of."""
        for locale in index.locales:
            if locale not in self._index.locales:
                self.rows[locale] = index.rows[locale]

    def name(self, given: str) -> str:
        """The locale of the task, tested or not, that is meant; others come back as they are."""
        return given if given in self._index.rows else self._match(given).locale

    def _match(self, given: str) -> LocaleMatch:
        match = self._matches.get(given)
        if match is None:
            if len(self._matches) >= _MOST:
                return LocaleMatch(given, known=False)
            match = self._index.languages.match(given, self._locales)
            self._matches[given] = match
        return match

    def spelling(
        self,
        given: str,
        locale: str,
        place: int,
        first: Callable[[], int],
        words: Callable[[int], str],
    ) -> Violation | None:
        """What is to be said of a spelling of a locale, and how `rows` calls it from now on.

        Args:
            given: As it is spelled.
            locale: The locale.
            place: Where, as a number that is not 0.
            first: Gives the place of a row of the locale that was before, or 0.
            words: Gives a place in words.
        """
        if given == locale and locale not in self._spelled:
            return None
        if locale not in self._spelled:
            before = first()
            self._spelled[locale] = (locale, before) if before else (given, place)
            if not before:
                self.rows[given] = self.rows.pop(locale)
                return Violation(rules.ALIAS, f"locale {given!r}", todo=f"read as {locale!r}")
        other, where = self._spelled[locale]
        if given == other:
            return None
        return Violation(
            rules.MIXED_LOCALE,
            f"locale {given!r} here, {other!r} in {words(where)}",
            f"one spelling of {locale}",
            f"write {locale!r} everywhere",
        )

    def wrong(self, given: str) -> Violation:
        """Why a row's locale is none of those that the task tests."""
        violation = self._wrong.get(given)
        if violation is None:
            violation = self._judge(given)
            if len(self._wrong) < _MOST:
                self._wrong[given] = violation
        return violation

    def _judge(self, given: str) -> Violation:
        index, match = self._index, self._match(given)
        if not match.problem and len(self._wrong) < _MOST:
            trained = index.languages.match(given, index.train_locales)
            if trained.known:
                return Violation(
                    rules.WRONG_LOCALE,
                    f"{trained.locale} is what {index.task} trains on",
                    f"the {len(index.locales)} test locales",
                    "leave its rows out; `submission pack` does",
                )
            known = index.languages.match(given)
            if known.known:
                return Violation(
                    rules.WRONG_LOCALE,
                    f"{known.locale} is not a test locale of {index.task}",
                    f"its {len(index.tested)} test locales",
                    "leave its rows out, or check --task",
                )
        return Violation(
            rules.UNKNOWN_LOCALE,
            f"unknown locale {short(given)}",
            "a code such as de-DE",
            lambda: match.hint,
        )
