"""Sessions: what is read of them, what is refused, and what counts as failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit.errors import DataError, NotationError, UsageError
from massive_kit.feedback.counting import LocaleCounts, counted
from massive_kit.feedback.interpretations import Interpretation
from massive_kit.feedback.signals import SignalRules, episodes, steps
from massive_kit.feedback.turns import MOST_TURNS, Turn, TurnReader
from massive_kit.languages import LanguageTable

WAKE = Interpretation.of("alarm_set", [("time", "five am")])
PLAY = Interpretation.of("play_music", [])
RULES = SignalRules()


def turn(number: int, what: Interpretation = PLAY, **more: Any) -> Turn:
    values: dict[str, Any] = {"session": "a", "locale": "de-DE", "text": f"text {number}"}
    return Turn(turn=number, hypothesis=what, **values | more)


def line(**changes: Any) -> dict[str, Any]:
    return turn(1).to_json() | changes


def read(path: Path, *lines: object) -> tuple[list[list[Turn]], TurnReader]:
    path.write_bytes(
        b"".join((v if isinstance(v, bytes) else orjson.dumps(v)) + b"\n" for v in lines)
    )
    reader = TurnReader(LanguageTable.shipped())
    return [*reader.read([path])], reader


def test_interpretations_forget_spelling_and_order() -> None:
    slots = [("time", "Five  AM"), ("date", "Tomorrow")]
    interpretation = Interpretation.of("alarm_set", slots)
    assert interpretation == Interpretation.of("alarm_set", slots[::-1])
    assert str(interpretation) == "alarm_set [date : tomorrow] [time : five am]"
    assert Interpretation.of_tokens(
        "alarm_set", ["um", "五", "時", "am"], ["Other", "time", "time", "time"], characters=True
    ) == Interpretation.of("alarm_set", [("time", "五時 am")])


names = st.text(st.characters(categories=("L", "Nd")), min_size=1).filter(lambda t: t != "Other")


@given(names, st.lists(st.tuples(names, st.text(min_size=1).filter(str.strip)), max_size=3))
@settings(max_examples=100, deadline=None)
def test_an_interpretation_is_read_as_it_is_written(
    intent: str, slots: list[tuple[str, str]]
) -> None:
    interpretation = Interpretation.of(intent, slots)
    assert Interpretation.parsed(str(interpretation)) == interpretation


@pytest.mark.parametrize("text", ["", "[time : five]", "a [time : five] b", "a [time five]"])
def test_what_is_no_interpretation_is_refused(text: str) -> None:
    with pytest.raises(NotationError):
        Interpretation.parsed(text)


def test_sessions_are_read_as_they_were_written(tmp_path: Path) -> None:
    first = [turn(1, time=0.5), turn(2, WAKE, outcome="success", original=PLAY, time=7)]
    second = [turn(1, WAKE, session="b", locale="sw-KE")]
    sessions, reader = read(tmp_path / "log", *(t.to_json() for t in [*first, *second]))
    assert sessions == [first, second]
    assert (reader.sessions, reader.turns, reader.mistakes.total) == (2, 3, 0)
    # Equal interpretations are one object.
    assert sessions[0][1].hypothesis is sessions[1][0].hypothesis


def test_locales_are_read_however_they_are_spelled(tmp_path: Path) -> None:
    sessions, _ = read(tmp_path / "log", line(locale="ja_jp"))
    assert sessions[0][0].locale == "ja-JP"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        ([1], "no JSON object"),
        ({"turn": 1}, "no session, locale, text, hypothesis"),
        (line(user="me"), "the key 'user'"),
        (line(locale="xx-YY"), "the locale 'xx-YY'"),
        (line(locale=["de-DE"]), "a locale that is no text"),
        (line(session=""), "a session that is no name"),
        (line(session="x" * 999), "a session that is no name"),
        (line(turn=0), "the turn 0"),
        (line(turn=True), "the turn True"),
        (line(turn=7), "turn 7 of session 'a' without those before it"),
        (line(text=None), "a text that is no text"),
        (line(outcome="fine"), "the outcome 'fine'"),
        (line(time="noon"), "the time 'noon'"),
        (line(hypothesis="play"), "a hypothesis of another form"),
        (line(hypothesis={"intent": "a", "slots": [["b", "c"]]}), "a hypothesis of another form"),
        (line(hypothesis={"intent": 3, "slots": []}), "an intent, slot or value that is no text"),
        (line(hypothesis={"intent": "", "slots": []}), "the intent ''"),
        (line(hypothesis={"intent": "a", "slots": [{"slot": "b", "value": " "}]}), "no value"),
        (line(hypothesis={"intent": "a" * 9_999, "slots": []}), "too large"),
        (line(original={"intent": "a\nb", "slots": []}), "the intent"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path: Path, wrong: object, message: str) -> None:
    _, reader = read(tmp_path / "log", line(), wrong, b"[]")
    assert reader.mistakes.total == 2
    assert [problem.line for problem in reader.mistakes.problems] == [2, 3]
    with pytest.raises(DataError, match="log:2") as caught:
        reader.mistakes.raise_if_any("wrong")
    assert message in str(caught.value)


def test_a_session_counts_once(tmp_path: Path) -> None:
    first, second = line(), line(turn=2)
    _, reader = read(tmp_path / "log", first, second, line(session="b"), first, line(turn=2), first)
    problems = reader.mistakes.problems
    assert [(problem.line, problem.expected) for problem in problems] == [
        (4, "once; it begins in line 1, too"),
        (6, "once; it begins in line 1, too"),
    ]
    with pytest.raises(UsageError, match="named twice"):
        list(reader.read([tmp_path / "log", tmp_path / "." / "log"]))


def test_a_thousand_mistakes_are_counted_and_few_are_kept(tmp_path: Path) -> None:
    _, reader = read(tmp_path / "log", *[b"?"] * 1_000)
    assert (reader.mistakes.total, len(reader.mistakes.problems)) == (1_000, 200)


def test_time_does_not_go_back_and_sessions_end(tmp_path: Path) -> None:
    _, reader = read(tmp_path / "log", line(time=5), line(turn=2, time=4))
    assert "the time 4 after 5" in reader.mistakes.problems[0].found
    lines = [line(turn=number) for number in range(1, MOST_TURNS + 3)]
    sessions, reader = read(tmp_path / "log", *lines)
    assert (len(sessions[0]), reader.mistakes.total) == (MOST_TURNS, 2)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        # What is known, is.
        ([turn(1, outcome="success")], ["success"]),
        ([turn(1, outcome="failure")], ["failure"]),
        ([turn(1, outcome="failure"), turn(2, WAKE)], [WAKE, "success"]),
        ([turn(1, outcome="success"), turn(2, WAKE)], ["success", "success"]),
        # The next turn comes too late, or is of another language.
        ([turn(1, outcome="failure", time=0), turn(2, WAKE, time=99)], ["failure", "success"]),
        ([turn(1, outcome="failure"), turn(2, WAKE, locale="sw-KE")], ["failure", "success"]),
        # Barge-in, repetition of the interpretation and of the text, another subject.
        ([turn(1, time=0, text="a"), turn(2, WAKE, time=2, text="b")], [WAKE, "success"]),
        ([turn(1, text="a"), turn(2, text="b", outcome="success")], [PLAY, "success"]),
        ([turn(1, text="play it now"), turn(2, WAKE, text="play it")], [WAKE, "success"]),
        ([turn(1, text="a", time=0), turn(2, WAKE, text="b", time=9)], ["success", "success"]),
        # Giving up: the same failure again, and then nothing.
        ([turn(1), turn(2)], [PLAY, "failure"]),
        # An episode ends with its success, so that what failed before is forgotten.
        ([turn(1), turn(2, outcome="success"), turn(3, text="z")], [PLAY, "success", "success"]),
    ],
)
def test_the_rules_of_failure(session: list[Turn], expected: list[object]) -> None:
    assert [step.to for step in steps(session, RULES)] == expected


def test_episodes_end_where_attempts_end() -> None:
    session = [turn(1, outcome="failure"), turn(2, WAKE, outcome="success"), turn(3, text="z")]
    lengths = [len(episode) for episode in episodes(session, RULES)]
    assert lengths == [2, 1]


def test_counts_add_up_across_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massive_kit.feedback.counting._BUFFER", 3)
    session = [turn(1, outcome="failure"), turn(2, WAKE, outcome="success")]
    live = [turn(1, WAKE, original=PLAY, outcome="success")]
    counts = counted(
        episode for log in [session] * 5 + [live] * 2 for episode in episodes(log, RULES)
    )["de-DE"]
    assert isinstance(counts, LocaleCounts)
    chain = counts.chain()
    assert counts.numbers.interpretations == [PLAY, WAKE]
    assert (chain.before.tolist(), chain.after.tolist(), chain.counts.tolist()) == ([0], [1], [5])
    assert (chain.successes.tolist(), chain.failures.tolist()) == ([0, 5], [0, 0])
    ended = counts.ended.counted()
    assert (ended.first.tolist(), ended.second.tolist(), ended.counts.tolist()) == ([0], [1], [5])
    record = counts.live[PLAY, WAKE]
    assert (record.successes, record.failures, counts.turns) == (2, 0, 12)
