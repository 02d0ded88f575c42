"""Answers that have been had, each kept the moment it comes, so that none is asked for twice.

One SQLite file beside a run. An answer is found by the hash of all that it depends on: the model's
name, the prompt and the parameters. Neither the endpoint's address nor its key is in it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from massive_kit.errors import MassiveKitError

FILE = "answers.sqlite"
_FORMAT = 1
_SCHEMA = """
create table if not exists answers (
    key text primary key, text text not null, finish text not null,
    prompt_tokens integer not null, answer_tokens integer not null, counted integer not null,
    seconds real not null, model text not null, date text not null
) without rowid;
create table if not exists notes (name text primary key, value text not null) without rowid;
"""
_COLUMNS = "text, finish, prompt_tokens, answer_tokens, counted, seconds, model, date"
# Another process that writes is waited for.
_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    Attributes:
        text: What it wrote.
        finish: Why it ended: `stop`, `length` where it was cut, or another word of the endpoint's.
        prompt_tokens: Tokens that it read.
        answer_tokens: Tokens that it wrote.
        counted: Whether the endpoint counted them; else they are estimated.
        seconds: How long it took.
        model: What the endpoint calls the model that answered.
        date: On which day, as YYYY-MM-DD.
        key: The key under which it is kept, or "".
    """

    text: str
    finish: str = "stop"
    prompt_tokens: int = 0
    answer_tokens: int = 0
    counted: bool = True
    seconds: float = 0.0
    model: str = ""
    date: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What answers took.

    Attributes:
        answers: How many there are.
        prompt_tokens: Tokens that were sent for them.
        answer_tokens: Tokens that came back.
    """

    answers: int
    prompt_tokens: int
    answer_tokens: int


class AnswerStore:
    """The answers of a run; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Opens the file, which is made where there is none.

        Raises:
            MassiveKitError: The file is something else, or cannot be written.
        """
        self._path = path
        self._lock = threading.Lock()
        self._connection = self._connected()
        try:
            # What is committed outlives the process whatever ends it; with a journal of its own
            # that costs no waiting for the disk at every answer.
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
            (number,) = self._connection.execute("pragma user_version").fetchone()
            if number not in {0, _FORMAT}:
                raise sqlite3.DatabaseError(f"format {number}, expected {_FORMAT}")
            self._connection.executescript(_SCHEMA)
            self._connection.execute(f"pragma user_version = {_FORMAT}")
        except sqlite3.Error as error:
            self._connection.close()
            raise self._unusable(error) from None

    def get(self, key: str) -> Answer | None:
        """The answer of a key, or `None`."""
        query = f"select {_COLUMNS} from answers where key = ?"  # noqa: S608 - constant columns
        row = self._execute(query, (key,)).fetchone()
        if row is None:
            return None
        text, finish, prompt, answer, counted, seconds, model, date = row
        return Answer(text, finish, prompt, answer, bool(counted), seconds, model, date, key)

    def put(self, key: str, answer: Answer) -> Answer:
        """Keeps an answer, at once; returns it with its key."""
        row = (
            *(key, answer.text, answer.finish, answer.prompt_tokens, answer.answer_tokens),
            *(answer.counted, answer.seconds, answer.model, answer.date),
        )
        self._execute("insert or replace into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return replace(answer, key=key)

    def spent(self) -> Spent:
        """What all answers of the run took."""
        query = "select count(*), total(prompt_tokens), total(answer_tokens) from answers"
        count, prompt, answer = self._execute(query).fetchone()
        return Spent(count, int(prompt), int(answer))

    def note(self, name: str) -> str | None:
        """What was remembered under a name."""
        row = self._execute("select value from notes where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Remembers something under a name."""
        self._execute("insert or replace into notes values (?, ?)", (name, value))

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _connected(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(
                self._path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _execute(self, query: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        try:
            with self._lock:
                return self._connection.execute(query, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error) -> MassiveKitError:
        return MassiveKitError(
            f"{self._path}: {error}; it keeps the answers that were had, so move it away rather"
            " than delete it"
        )


def answer_key(parts: Mapping[str, Any]) -> str:
    """The hash of all that an answer depends on."""
    return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
