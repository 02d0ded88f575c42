"""Rows that a caller holds in memory, read into labels; every mistake with the row it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from massive_kit.counted import kind_of
from massive_kit.data.intake.locale_spellings import Spelling, Spellings
from massive_kit.data.inventory import Inventory
from massive_kit.data.tokens import Tokens, split_at_brackets, tokenise
from massive_kit.errors import NotationError, Problem
from massive_kit.languages import LanguageTable
from massive_kit.scoring.label_lists import LabelledRow
from massive_kit.scoring.records import NoRowsError, records_of, text_of
from massive_kit.submission.intent_numbers import is_number, number_hint

# Locale and id.
Key = tuple[str, str]
Labelled = dict[Key, LabelledRow]

_GOLD = ("intent", "annot_utt")
_PREDICTED = ("pred_intent", "pred_annot_utt")


def rows_given(rows: Any, where: str, problems: list[Problem]) -> list[Any]:
    """What `records_of` gives; where that is no rows, a problem is added and there are none."""
    try:
        return [*records_of(rows)]
    except NoRowsError as error:
        todo = "massive_kit.evaluate reads files" if isinstance(rows, str | PathLike) else None
        problems.append(Problem(where, str(error), "rows, or a data frame", todo))
        return []


def read_references(
    records: list[Any], languages: LanguageTable, problems: list[Problem]
) -> Labelled:
    """Annotated utterances by locale and id; what is wrong with them is added to `problems`.

    Rows may have intents alone or annotated utterances alone, if no row has the other.
    """
    has = {name: any(_has(row, name) for row in records) for name in _GOLD}
    # Of rows with neither, both are asked for.
    asked = tuple(name if has[name] or not any(has.values()) else None for name in _GOLD)
    return _Reader("references", _Names(*asked), languages, {}).read(records, problems)


def read_predictions(
    records: list[Any], gold: Labelled, languages: LanguageTable, problems: list[Problem]
) -> Labelled:
    """Predictions for annotated utterances; what is wrong with them is added to `problems`.

    What no reference has is not read.
    """
    with_intent = not gold or any(row.intent is not None for row in gold.values())
    annotated = not gold or any(row.labels for row in gold.values())
    intent, annotation = _PREDICTED
    names = _Names(intent if with_intent else None, annotation if annotated else None)
    return _Reader("predictions", names, languages, gold).read(records, problems)


def _has(row: Any, name: str) -> bool:
    return isinstance(row, Mapping) and row.get(name) is not None and row[name] == row[name]


@dataclass(frozen=True, slots=True)
class _Names:
    """The fields of a row's labels; `None` for what is not read."""

    intent: str | None
    annotation: str | None

    @property
    def all(self) -> tuple[str, ...]:
        """All fields that are read."""
        return tuple(name for name in ("id", "locale", self.intent, self.annotation) if name)


@dataclass
class _Reader:
    where: str
    names: _Names
    languages: LanguageTable
    gold: Labelled
    # Locales by what is written; `None` for what is none of them.
    locales: dict[str, str | None] = field(default_factory=dict)
    spellings: dict[str, Spelling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gold_locales = tuple(dict.fromkeys(locale for locale, _ in self.gold))
        self.gold_intents = {row.intent for row in self.gold.values()} - {None}
        massive = Inventory.massive().intents
        # Where the references' intents are numbers, a number is an intent.
        self.named = bool(self.gold) and not any(map(is_number, self.gold_intents))
        self.numbered = massive if self.gold_intents <= {*massive} else ()

    def read(self, records: Iterable[Any], problems: list[Problem]) -> Labelled:
        labelled: Labelled = {}
        for number, row in enumerate(records, 1):
            for item in self._row(row, number, labelled):
                if isinstance(item, Problem):
                    problems.append(item)
                else:
                    labelled[item.locale, item.id] = item
        unlike = Spellings()
        unlike.see(self.spellings, self.where)
        problems += unlike.problems()
        return labelled

    def _row(self, row: Any, number: int, before: Labelled) -> Iterator[Problem | LabelledRow]:
        if not isinstance(row, Mapping):
            yield Problem(self.where, kind_of(row), "a mapping", line=number)
            return
        texts = {name: text_of(name, row.get(name)) for name in self.names.all}
        identity, given = texts["id"], texts["locale"]
        if identity is None or given is None or None in texts.values():
            yield self._without_text(row, texts, number)
            return
        intent = texts.get(self.names.intent or "")
        if self.named and intent not in self.gold_intents and is_number(intent):
            todo = number_hint(intent, self.numbered)
            words = f"{self.names.intent} {intent!r}"
            yield Problem(self.where, words, "an intent by its name", todo, line=number)
            return
        if given not in self.locales:
            yield from self._locale(given, number)
        locale = self.locales[given]
        if locale is None:
            return
        key = (locale, identity)
        if key in before:
            yield Problem(self.where, f"{' '.join(key)} is given twice", line=number)
            return
        try:
            tokens = self._tokens(key, texts.get(self.names.annotation or "") or "")
        except NotationError as error:
            yield Problem(self.where, f"{' '.join(key)}: {error}", line=number)
            return
        yield LabelledRow(locale, identity, intent, tokens.labels, tokens.boundaries)

    def _without_text(
        self, row: Mapping[Any, Any], texts: Mapping[str, str | None], number: int
    ) -> Problem:
        missing = [name for name, text in texts.items() if text is None]
        todo = None
        renamed = [name for name in missing if name.removeprefix("pred_") in row]
        intent = row.get(self.names.intent)
        if self.where == "predictions" and renamed:
            todo = "; ".join(f"rename {name.removeprefix('pred_')} to {name}" for name in renamed)
        elif self.names.intent in missing and is_number(intent):
            todo = number_hint(intent, self.numbered)
        return Problem(
            self.where,
            f"no text in {', '.join(missing)}",
            f"{', '.join(texts)} as strings",
            todo,
            line=number,
        )

    def _locale(self, given: str, number: int) -> Iterator[Problem]:
        """Finds out which locale is meant, once for each spelling."""
        match = self.languages.match(given, self.gold_locales) if self.gold else None
        if match is None or not (match.known or match.problem):
            match = self.languages.match(given)
        self.locales[given] = None if match.problem else match.locale
        if match.problem:
            words = f"locale {match.problem}"
            yield Problem(self.where, words, todo=match.hint, line=number)
        else:
            self.spellings[given] = Spelling(match.locale, number)

    def _tokens(self, key: Key, annotated: str) -> Tokens:
        characters = self.languages[key[0]].character_scored
        tokens = tokenise(annotated, characters=characters)
        gold = self.gold.get(key)
        if gold is not None and len(tokens.labels) != len(gold.labels):
            # Written without spaces around its slots, as prediction files may be.
            cut = split_at_brackets(annotated, characters=characters)
            if len(cut.labels) == len(gold.labels):
                return cut
        return tokens
