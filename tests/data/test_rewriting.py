"""Words change, labels stay, and what is written is what would be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.rewriting import (
    LabelledRows,
    Phrase,
    RewrittenRows,
    phrases_of,
    rendered,
)
from massive_kit.data.tokens import tokenise
from massive_kit.errors import DataError, MissingDataError
from tests.data.hand_made import made_store

words = st.lists(st.sampled_from(["am", "[x]", "a\\b", "明日", "の", "5", "é"]), min_size=1).map(
    tuple
)
phrases = st.lists(st.builds(Phrase, words, st.sampled_from([None, "time", "date"])), min_size=1)


@given(phrases, st.booleans())
def test_what_is_rendered_reads_back(row: list[Phrase], characters: bool) -> None:
    text, annotated = rendered(row, characters=characters)
    read = tokenise(annotated, characters=characters, text=text)
    again = phrases_of(read.tokens, read.labels, read.boundaries)
    slots = [phrase.slot for phrase in row if phrase.slot]
    assert [phrase.slot for phrase in again if phrase.slot] == slots
    if not characters:
        assert [w for phrase in again for w in phrase.words] == [w for p in row for w in p.words]
    assert rendered(again, characters=characters) == (text, annotated)


def test_spaces_of_locales_scored_by_character() -> None:
    row = [Phrase(("olly", "明日", "の"), "date"), Phrase(("天気", "ok"))]
    assert rendered(row, characters=True) == ("olly 明日の天気 ok", "[date : olly 明日の]天気 ok")


def test_rows_are_of_the_schema_and_touching_spans_stay_two(tmp_path: Path) -> None:
    rows = {"en-US": {"1": ("alarm_set", "at [time : five] [time : six] x")}}
    store = made_store(tmp_path, rows, scheme="brackets")
    part = LabelledRows.read(store, "en-US", "train")
    assert part.phrases == [
        [Phrase(("at",)), Phrase(("five",), "time"), Phrase(("six",), "time"), Phrase(("x",))]
    ]
    made = RewrittenRows(part, "de-DE", characters=False, taken={"1-x"})
    added = [made.add(0, "x", [Phrase(("um",)), *part.phrases[0][1:]])]
    assert (added, len(made)) == (["1-x-"], 1)
    (row,) = made.table().to_pylist()
    assert row["locale"], row["intent"] == ("de-DE", "alarm_set")
    assert row["annot_utt"] == "um [time : five] [time : six] x"
    assert (row["tokens"], row["labels"], row["boundaries"]) == (
        ["um", "five", "six", "x"],
        ["Other", "time", "time", "Other"],
        [2],
    )


def test_what_cannot_be_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "1", "locale": "en-US", "partition": "test", "utt": "x"}')
    from massive_kit.data.intake.importing import import_data

    store = import_data(path, tmp_path / "s", name="s")
    with pytest.raises(DataError, match="1 rows of en-US test without labels"):
        LabelledRows.read(store, "en-US", "test")
    with pytest.raises(MissingDataError, match="the store s has no train of en-US"):
        LabelledRows.read(store, "en-US", "train")
