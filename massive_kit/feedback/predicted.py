"""Predictions of a system, read from a file as interpretations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from massive_kit.data.tokens import Tokens, tokenise
from massive_kit.errors import MissingDataError, NotationError
from massive_kit.feedback.interpretations import Interpretation, intent_problem
from massive_kit.feedback.mistakes import Mistakes
from massive_kit.files.bounded_lines import Line, bounded_lines
from massive_kit.languages import LanguageTable, character_locales

_SUFFIXES = (".jsonl", ".jsonl.gz")
_TEXTS = ("id", "locale", "pred_intent", "pred_annot_utt")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class PredictedUtterance:
    """What a system said of an utterance.

    Attributes:
        id: Of the utterance.
        locale: Its locale.
        intent: The intent.
        words: Its tokens and their slots.
        characters: Whether its locale is scored by character.
        line: The line as it was read.
    """

    id: str
    locale: str
    intent: str
    words: Tokens
    characters: bool
    line: Mapping[str, Any]

    @property
    def interpretation(self) -> Interpretation:
        """What the system understood."""
        return Interpretation.of_tokens(
            self.intent,
            self.words.tokens,
            self.words.labels,
            self.words.boundaries,
            characters=self.characters,
        )


def prediction_files(path: Path) -> list[Path]:
    """A file of predictions, or those of a folder.

    Raises:
        MissingDataError: There is none.
    """
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.name.endswith(_SUFFIXES))
    if not files:
        raise MissingDataError(f"{path} holds no {' or '.join(_SUFFIXES)}; name a prediction file")
    return files


def read_predicted(
    paths: Iterable[Path],
    languages: LanguageTable,
    mistakes: Mistakes,
    locales: Collection[str] | None = None,
) -> Iterator[PredictedUtterance]:
    """The predictions of files; wrong lines are left out and noted.

    Args:
        paths: Files in the format of predictions, plain or gzip.
        languages: What locales there are.
        mistakes: Takes what is wrong.
        locales: Only these; by default all.

    Raises:
        MissingDataError: A file is not there.
        DataError: A file is damaged.
    """
    by_character = character_locales()
    for path in paths:
        seen: set[tuple[str, str]] = set()
        for line in bounded_lines(path):
            value = _object(line)
            problem = _problem(value, languages)
            if problem is None and isinstance(value, dict):
                locale = languages.match(value["locale"]).locale
                if locales is not None and locale not in locales:
                    continue
                characters = locale in by_character
                if (locale, value["id"]) in seen:
                    problem = f"id {value['id'][:_SHOWN]!r} of {locale} again"
                seen.add((locale, value["id"]))
                try:
                    words = tokenise(value["pred_annot_utt"], characters=characters)
                except NotationError as error:
                    problem = f"pred_annot_utt: {error}"
            if problem is not None or not isinstance(value, dict):
                mistakes.add(str(path), line.number, problem or "no JSON object")
                continue
            yield PredictedUtterance(
                value["id"], locale, value["pred_intent"], words, characters, value
            )


def _object(line: Line) -> Any:
    try:
        return orjson.loads(line.text or "")
    except ValueError:
        return None


def _problem(value: Any, languages: LanguageTable) -> str | None:
    if not isinstance(value, dict):
        return "no JSON object"
    wrong = [name for name in _TEXTS if not isinstance(value.get(name), str)]
    if wrong:
        return f"{', '.join(wrong)}: missing or no text"
    match = languages.match(value["locale"])
    if not match.known:
        return f"the locale {value['locale'][:_SHOWN]!r}; {match.hint or 'it is not known'}"
    problem = intent_problem(value["pred_intent"])
    return f"pred_intent: {problem}" if problem else None
