"""TOP and TOPv2: parses that hold the whole utterance."""

from __future__ import annotations

import pytest

from tests.data.intake.samples_reading import annotated, only, read, sample


def test_top_and_topv2() -> None:
    nested = "slots within slots left out, the outermost kept"
    rows = sample("top", "topv2/alarm_test.tsv")
    assert [(row.line, row.scenario, row.intent, annotated(row)) for row in rows] == [
        (2, "alarm", "IN:CREATE_ALARM", "Ring <SL:DATE_TIME=at 4.30am on Monday>"),
        (
            3,
            "navigation",
            "IN:GET_DISTANCE",
            "How far is <SL:DESTINATION=home> from <SL:SOURCE=Sam's>?",
        ),
        (4, "music", "IN:PLAY_MUSIC", "เล่น<SL:MUSIC_TYPE=เพลง [สด]>"),
    ]
    assert [row.notes for row in rows] == [[], [nested], []]
    rows = sample("top", "top/test.tsv")
    assert [(row.line, row.scenario, row.intent, annotated(row)) for row in rows] == [
        (1, None, "IN:GET_INFO_TRAFFIC", "Any jams near <SL:LOCATION=the port>?"),
        (2, None, "IN:GET_DISTANCE", "is it far"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a b\ta b\t[IN:X a [SL:Y c ] ]", "the parse does not hold the words of the utterance"),
        ("a b\ta b\t[IN:X a b [SL:Y ] ]", "or a slot of it is empty"),
        ("a b\t[IN:X a b ]", "2 columns; 3 are wanted: utterance, tokens, parse"),
        ("a b\ta b\t[IN:X a b", "[IN:X has no ']'"),
    ],
)
def test_a_top_row_that_cannot_be_used(line: str, reason: str) -> None:
    row = only("top", line)
    assert reason in row.mistakes[0]
    assert row.source == line


@pytest.mark.parametrize(
    ("path", "partition"),
    [
        ("en/eval.txt", "dev"),
        ("alarm_eval.tsv", "dev"),
        ("eval", "dev"),
        ("alarm_train.tsv", None),
        ("medieval.tsv", None),
        ("evaluated_test.tsv", None),
    ],
)
def test_eval_is_the_dev_set(path: str, partition: str | None) -> None:
    top = sample("top", "top/test.tsv")[0].source
    mtop = sample("mtop", "mtop/eval.txt")[0].source
    for name, line in (("top", top), ("mtop", mtop)):
        (row,) = read(name, line.encode(), path)
        assert row.partition == partition
