"""Spans in are spans out, for any annotated text, in each format that annotates text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.foreign_corpora import FOREIGN, Utterance
from tests.data.intake.samples_reading import read

FORMATS = [
    name
    for name, foreign in FOREIGN.items()
    if foreign.format in {"slurp", "mtop", "top", "snips", "rasa"}
]
CHARACTERS = "ab,.'\"é\u0301漢ไทا😀"
VALUES = st.text(CHARACTERS + " ", min_size=1).map(str.strip).filter(bool)
SLOTS = st.sampled_from(["date", "time.start", "place/room", "a-b"])
# Brackets are text, too, but in some formats not within a slot.
BETWEEN = st.text(CHARACTERS + " []\\", min_size=1)
PARTS = st.lists(st.tuples(VALUES, SLOTS) | st.tuples(BETWEEN, st.none()), min_size=1, max_size=6)

# Tells what offsets count, where they can be read in two ways.
FIRST = Utterance("0", "fr-FR", "test", "alarm_set", (("é ", None), ("six", "date")))


def utterance(parts: list[tuple[str, str | None]]) -> Utterance | None:
    """An utterance without white space around it, which none of the formats keeps."""
    whole = list(parts)
    while whole and not whole[0][0].strip():
        whole.pop(0)
    while whole and not whole[-1][0].strip():
        whole.pop()
    if not whole:
        return None
    whole[0] = (whole[0][0].lstrip(), whole[0][1])
    whole[-1] = (whole[-1][0].rstrip(), whole[-1][1])
    return Utterance("1", "fr-FR", "test", "alarm_set", tuple(whole))


@pytest.mark.parametrize("name", FORMATS)
@given(parts=PARTS)
@settings(max_examples=50)
def test_spans_in_are_spans_out(name: str, parts: list[tuple[str, str | None]]) -> None:
    given_row = utterance(parts)
    if given_row is None:
        return
    foreign = FOREIGN[name]
    _, row = read(foreign.format, foreign.content([FIRST, given_row]).encode())
    assert not row.mistakes
    assert row.text == given_row.text
    assert row.spans is not None
    intent, slot = foreign.prefixes
    assert row.intent == intent + given_row.intent
    assert [(s.start, s.end, s.slot.removeprefix(slot)) for s in row.spans] == given_row.spans
