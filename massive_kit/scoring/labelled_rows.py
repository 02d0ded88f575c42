"""Rows that a caller holds in memory, read into labels; every mistake with the row it is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

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


def read_references(rows: Any, languages: LanguageTable, problems: list[Problem]) -> Labelled:
    """Annotated utterances by locale and id; what is wrong with them is added to `problems`."""
    return _Reader("references", _GOLD, languages, {}).read(rows, problems)


def read_predictions(
    rows: Any, gold: Labelled, languages: LanguageTable, problems: list[Problem]
) -> Labelled:
    """Predictions for annotated utterances; what is wrong with them is added to `problems`."""
    return _Reader("predictions", _PREDICTED, languages, gold).read(rows, problems)


@dataclass
class _Reader:
    where: str
    names: tuple[str, str]
    languages: LanguageTable
    gold: Labelled
    # Locales by what is written; `None` for what is none of them.
    locales: dict[str, str | None] = field(default_factory=dict)
    spellings: dict[str, Spelling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gold_locales = tuple(dict.fromkeys(locale for locale, _ in self.gold))
        self.gold_intents = {row.intent for row in self.gold.values()}
        massive = Inventory.massive().intents
        # Where the references' intents are numbers, a number is an intent.
        self.named = bool(self.gold) and not any(map(is_number, self.gold_intents))
        self.numbered = massive if self.gold_intents <= {*massive} else ()

    def read(self, rows: Any, problems: list[Problem]) -> Labelled:
        labelled: Labelled = {}
        try:
            records: Iterable[Any] = records_of(rows)
        except NoRowsError as error:
            todo = "massive_kit.evaluate reads files" if isinstance(rows, str | PathLike) else None
            problems.append(Problem(self.where, str(error), "rows, or a data frame", todo))
            return labelled
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
            yield Problem(self.where, f"a {type(row).__name__}", "a mapping", line=number)
            return
        names = ("id", "locale", *self.names)
        texts = {name: text_of(name, row.get(name)) for name in names}
        identity, given, intent, annotated = texts.values()
        if identity is None or given is None or intent is None or annotated is None:
            yield self._without_text(row, texts, number)
            return
        if self.named and intent not in self.gold_intents and is_number(intent):
            todo = number_hint(intent, self.numbered)
            words = f"{self.names[0]} {intent!r}"
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
            tokens = self._tokens(key, annotated)
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
        intent = row.get(self.names[0])
        if self.names == _PREDICTED and renamed:
            todo = "; ".join(f"rename {name.removeprefix('pred_')} to {name}" for name in renamed)
        elif self.names[0] in missing and is_number(intent):
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
