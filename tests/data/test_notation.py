"""The bracket notation, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.notation import Segment, parse, render, strip
from massive_kit.errors import NotationError

# Any text but brackets; a value has no white space at its ends, where the notation has its own.
_text = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1)
_value = _text.map(str.strip).filter(bool)
_slot = st.text(st.sampled_from("abcdefgh_/.AB"), min_size=1)


@st.composite
def _segments(draw: st.DrawFn) -> list[Segment]:
    segments: list[Segment] = []
    for is_slot in draw(st.lists(st.booleans(), max_size=6)):
        if is_slot:
            segments.append(Segment(draw(_value), draw(_slot)))
        elif not segments or segments[-1].slot is not None:
            segments.append(Segment(draw(_text)))
    return segments


def test_slots_and_text() -> None:
    assert parse("wake me at [time : five am] [date : this week]") == [
        Segment("wake me at "),
        Segment("five am", "time"),
        Segment(" "),
        Segment("this week", "date"),
    ]


def test_character_scripts_need_no_spaces() -> None:
    assert parse("[date : 今週]は[time : 五時]に") == [
        Segment("今週", "date"),
        Segment("は"),
        Segment("五時", "time"),
        Segment("に"),
    ]


def test_zero_width_characters_stay() -> None:
    assert strip("[a : ខ្ញុំ\u200bនៅ] \u200c") == "ខ្ញុំ\u200bនៅ \u200c"


@given(_segments())
def test_round_trip(segments: list[Segment]) -> None:
    assert parse(render(segments)) == segments


@given(_segments())
def test_strip_gives_the_text_back(segments: list[Segment]) -> None:
    assert strip(render(segments)) == "".join(segment.text for segment in segments)


@pytest.mark.parametrize(
    ("text", "kind", "message", "offset"),
    [
        ("a [time : b", "unbalanced", r"a '\[' without its '\]'", 2),
        ("a ] b", "unbalanced", r"a '\]' without its '\['", 2),
        ("[a : b [c : d] e]", "nested", "inside of a slot", 7),
        ("[time : ]", "empty", "'time' is empty", 0),
        ("[b]", "malformed", "no ' : '", 0),
        ("[time is empty]", "malformed", "no ' : '", 0),
        ("[ : b]", "malformed", r"not '\[slot : value\]'", 0),
    ],
)
def test_broken_brackets_are_told(text: str, kind: str, message: str, offset: int) -> None:
    with pytest.raises(NotationError, match=message) as caught:
        parse(text)
    assert (caught.value.kind, caught.value.offset) == (kind, offset)


@given(st.text(st.sampled_from("ab[]: 灯"), max_size=12))
def test_anything_parses_or_is_told(text: str) -> None:
    try:
        segments = parse(text)
    except NotationError:
        return
    assert not any(bracket in segment.text for segment in segments for bracket in "[]")
