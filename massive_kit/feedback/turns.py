"""Turns of users, as JSON lines from outside: read as a stream, every line checked.

A line is an object with these keys and no other, so that nothing about a person comes along:

| key | what stands in it |
| --- | --- |
| `session` | the session's name; its turns stand together |
| `turn` | the place of the turn in its session, from 1 |
| `locale` | the locale, however it is spelled |
| `text` | what the user said |
| `hypothesis` | what was acted on: `{"intent": ..., "slots": [{"slot": ..., "value": ...}]}` |
| `original` | where a rewrite was acted on, what the system had understood; else left out |
| `outcome` | `success` or `failure`; left out or `null` where it is not known |
| `time` | seconds, from any start; left out or `null` where it is not known |
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson

from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.feedback.interpretations import Interpretation, intent_problem, slot_problem
from massive_kit.feedback.mistakes import Mistakes
from massive_kit.feedback.session_names import SessionNames
from massive_kit.files.bounded_lines import Line, bounded_lines
from massive_kit.languages import LanguageTable

Outcome = Literal["success", "failure"]

# Bytes of a file, unpacked: a hundred million turns have a third of it.
MOST_BYTES = 1 << 36
# Of a session, whose turns are in memory together.
MOST_TURNS = 1_000
# Different interpretations, which are in memory together.
MOST_INTERPRETATIONS = 2_000_000
_MOST_SLOTS = 100
_MOST_NAME = 200
_REQUIRED = ("session", "turn", "locale", "text", "hypothesis")
_KEYS = frozenset((*_REQUIRED, "original", "outcome", "time"))
_OUTCOMES = ("success", "failure")
_SHOWN = 40


class Turn(NamedTuple):
    """What a user said once, and what became of it; there are millions.

    Attributes:
        session: The session's name.
        turn: Its place in the session, from 1.
        locale: The locale.
        text: What was said.
        hypothesis: What was acted on.
        original: What the system had understood where a rewrite was acted on, else `None`.
        outcome: How it ended, where that is known.
        time: Seconds, where they are known.
    """

    session: str
    turn: int
    locale: str
    text: str
    hypothesis: Interpretation
    original: Interpretation | None = None
    outcome: Outcome | None = None
    time: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file."""
        value: dict[str, Any] = {
            "session": self.session,
            "turn": self.turn,
            "locale": self.locale,
            "text": self.text,
            "hypothesis": hypothesis_json(self.hypothesis),
        }
        if self.original is not None:
            value["original"] = hypothesis_json(self.original)
        return value | {"outcome": self.outcome, "time": self.time}


def hypothesis_json(interpretation: Interpretation) -> dict[str, Any]:
    """An interpretation as it stands in a file."""
    slots = [{"slot": slot, "value": value} for slot, value in interpretation.slots]
    return {"intent": interpretation.intent, "slots": slots}


@dataclass(slots=True)
class TurnReader:
    """Reads turns; equal interpretations become one object, so that few are in memory.

    Attributes:
        languages: What locales there are.
        mistakes: What was wrong so far.
        sessions: Sessions read so far.
        turns: Turns read so far.
    """

    languages: LanguageTable
    mistakes: Mistakes = field(default_factory=Mistakes)
    sessions: int = 0
    turns: int = 0
    _known: dict[tuple[Any, ...], Interpretation] = field(default_factory=dict)
    _locales: dict[str, str] = field(default_factory=dict)

    def read(self, paths: Iterable[Path]) -> Iterator[list[Turn]]:
        """The sessions of files, one after the other; wrong lines are left out and noted.

        Raises:
            MissingDataError: A file is not there.
            DataError: A file is damaged, or there is too much of something.
            UsageError: A file is named twice.
        """
        files: set[Path] = set()
        for path in paths:
            if path.resolve() in files:
                raise UsageError(f"{path} is named twice, and would count twice")
            files.add(path.resolve())
            yield from self._read(path)

    def _read(self, path: Path) -> Iterator[list[Turn]]:
        session: list[Turn] = []
        names = SessionNames()
        name, last = None, 0
        for line in bounded_lines(path, MOST_BYTES):
            turn = self._turn(str(path), line)
            if turn is None:
                continue
            if turn.session == name and turn.turn == last + 1:
                last += 1
                before = session[-1].time
                if turn.time is not None and before is not None and turn.time < before:
                    self._wrong(path, line, f"the time {turn.time} after {before}", "a later one")
                if len(session) < MOST_TURNS:
                    session.append(turn)
                else:
                    self._wrong(
                        path,
                        line,
                        f"turn {turn.turn} of session {_shown(turn.session)}",
                        f"at most {MOST_TURNS:,} turns in a session",
                    )
                continue
            if session:
                self.sessions += 1
                yield session
            session, name, last = [turn], turn.session, turn.turn
            names.add(turn.session)
            if turn.turn != 1:
                self._wrong(
                    path,
                    line,
                    f"turn {turn.turn} of session {_shown(turn.session)} without those before it",
                    "the turns of a session together, counted from 1",
                    "sort the lines by session and turn",
                )
        if session:
            self.sessions += 1
            yield session
        for again in names.repeated(path, MOST_BYTES):
            self.mistakes.add(
                str(path),
                again.line,
                f"session {_shown(again.name)} again",
                f"once; it begins in line {again.first}, too",
            )

    def _wrong(
        self, path: Path, line: Line, found: str, expected: str, todo: str | None = None
    ) -> None:
        self.mistakes.add(str(path), line.number, found, expected, todo)

    def _turn(self, where: str, line: Line) -> Turn | None:
        try:
            value = orjson.loads(line.text or "")
            turn = Turn(
                value["session"],
                value["turn"],
                self._locales[value["locale"]],
                value["text"],
                self._known[_key(value["hypothesis"])],
                self._known[_key(value["original"])] if "original" in value else None,
                value.get("outcome"),
                value.get("time"),
            )
            if _KEYS.issuperset(value) and _is_sound(turn):
                self.turns += 1
                return turn
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        return self._slowly(where, line)

    def _slowly(self, where: str, line: Line) -> Turn | None:
        """Reads a line that holds something new, or something wrong."""
        problems: list[tuple[str, str | None]] = []
        turn = None
        value, why = None, None
        try:
            value = orjson.loads(line.text or "")
        except orjson.JSONDecodeError as error:
            why = f"{error.msg} (column {error.colno})"
        if line.text is None:
            problems.append(("not UTF-8", None))
        elif why is not None:
            problems.append((f"not JSON: {why}", "one turn a line"))
        elif not isinstance(value, dict):
            problems.append(("no JSON object", "one turn a line"))
        else:
            turn = self._checked(value, problems)
        for found, expected in problems:
            self.mistakes.add(where, line.number, found, expected)
        if problems or turn is None:
            return None
        self.turns += 1
        return turn

    def _checked(
        self, value: Mapping[str, Any], problems: list[tuple[str, str | None]]
    ) -> Turn | None:
        missing = [key for key in _REQUIRED if key not in value]
        more = [_shown(key) for key in value if key not in _KEYS]
        if missing:
            problems.append((f"no {', '.join(missing)}", f"the keys {', '.join(_REQUIRED)}"))
        if more:
            shown = ", ".join(more[:5])
            problems.append((f"the key {shown}", f"no other than {', '.join(sorted(_KEYS))}"))
        locale = value.get("locale")
        if "locale" in value:
            problems += self._learn_locale(locale)
        heard = [value[key] for key in ("hypothesis", "original") if key in value]
        for hypothesis in heard:
            problems += self._learn(hypothesis)
        if problems or not isinstance(locale, str):
            return None
        original = self._known[_key(value["original"])] if "original" in value else None
        turn = Turn(
            value["session"],
            value["turn"],
            self._locales[locale],
            value["text"],
            self._known[_key(value["hypothesis"])],
            original,
            value.get("outcome"),
            value.get("time"),
        )
        problems += _problems_of_scalars(turn)
        return turn

    def _learn_locale(self, locale: Any) -> Iterator[tuple[str, str | None]]:
        if not isinstance(locale, str):
            yield "a locale that is no text", "such as de-DE"
            return
        match = self.languages.match(locale)
        if not match.known:
            hint = match.hint or "it is not in the language table"
            yield f"the locale {_shown(locale)}: {hint}", None
        elif len(self._locales) < _MOST_NAME * 10:
            self._locales[locale] = match.locale

    def _learn(self, hypothesis: Any) -> Iterator[tuple[str, str | None]]:
        try:
            key = _key(hypothesis)
            known = key in self._known
        except (TypeError, KeyError, AttributeError):
            yield "a hypothesis of another form", '{"intent": ..., "slots": [{"slot", "value"}]}'
            return
        if known:
            return
        intent, *slots = key
        texts = [intent, *(text for slot in slots for text in slot)]
        if not all(isinstance(text, str) for text in texts):
            yield "an intent, slot or value that is no text", None
            return
        if len(slots) > _MOST_SLOTS or max(map(len, texts)) > _MOST_NAME * 10:
            yield "a hypothesis that is too large", f"at most {_MOST_SLOTS} slots"
            return
        problem = intent_problem(intent)
        if problem is not None:
            yield f"the intent {_shown(intent)}: {problem}", None
        wrong = [text for text in (slot_problem(*slot) for slot in slots) if text]
        yield from ((text, None) for text in wrong)
        if problem is None and not wrong:
            if len(self._known) >= MOST_INTERPRETATIONS:
                raise DataError(
                    "the sessions hold too many different interpretations",
                    [
                        Problem(
                            "the sessions",
                            f"more than {MOST_INTERPRETATIONS:,}",
                            todo="give the files of one locale at a time",
                        )
                    ],
                )
            self._known[key] = Interpretation.of(intent, slots)


def _key(hypothesis: Any) -> tuple[Any, ...]:
    slots = [(entry["slot"], entry["value"]) for entry in hypothesis["slots"]]
    return (hypothesis["intent"], *slots)


def _is_sound(turn: Turn) -> bool:
    """Whether `_problems_of_scalars` has nothing to say, for millions of turns."""
    time = turn.time
    return (
        type(turn.session) is str
        and 0 < len(turn.session) <= _MOST_NAME
        and type(turn.turn) is int
        and turn.turn > 0
        and type(turn.text) is str
        and (turn.outcome is None or turn.outcome in _OUTCOMES)
        and (time is None or type(time) is float or type(time) is int)
    )


def _problems_of_scalars(turn: Turn) -> Iterator[tuple[str, str | None]]:
    if not (isinstance(turn.session, str) and 0 < len(turn.session) <= _MOST_NAME):
        yield "a session that is no name", f"text of at most {_MOST_NAME} characters"
    if type(turn.turn) is not int or turn.turn < 1:
        yield f"the turn {_shown(turn.turn)}", "a number from 1"
    if not isinstance(turn.text, str):
        yield "a text that is no text", None
    if turn.outcome is not None and turn.outcome not in _OUTCOMES:
        yield f"the outcome {_shown(turn.outcome)}", "success, failure or null"
    time = turn.time
    if time is not None and (type(time) not in {int, float} or not math.isfinite(time)):
        yield f"the time {_shown(time)}", "a number of seconds"


def _shown(value: Any) -> str:
    return repr(value)[:_SHOWN]
