"""The bracket notation, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data import notation
from massive_kit.data.notation import Segment, escape, name_problem, parse, render, strip
from massive_kit.errors import NotationError

# Any text, brackets and backslashes included; a value has no white space at its ends, where the
# notation has its own.
_text = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("[]\\:")), min_size=1)
_value = _text.map(str.strip).filter(bool)
_slot = st.text(st.sampled_from("abcdefgh_/.:-AB "), min_size=1).filter(
    lambda name: name_problem(name) is None
)


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
        ("[a : b [c : d] e]", "nested", "inside a slot", 7),
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


@pytest.mark.parametrize(
    ("annotated", "slot", "value"),
    [
        ("[SL:DATE_TIME : at 5 pm]", "SL:DATE_TIME", "at 5 pm"),
        ("[time.start : 5]", "time.start", "5"),
        ("[music/album name : x]", "music/album name", "x"),
        ("[time : 5 : 30]", "time", "5 : 30"),
        ("[time: 5]", "time", "5"),
        ("[time :5]", "time", "5"),
        ("[time:5]", "time", "5"),
        ("[ time  :  5 ]", "time", "5"),
        (r"[song : \[live\] a\\b]", "song", r"[live] a\b"),
    ],
)
def test_names_and_values_stay_whole(annotated: str, slot: str, value: str) -> None:
    assert parse(annotated) == [Segment(value, slot)]


def test_several_colons_without_spaces_are_refused() -> None:
    with pytest.raises(NotationError, match="no ' : '"):
        parse("[SL:DATE:x]")


def test_brackets_of_the_text_are_escaped() -> None:
    assert escape("a [b] \\") == r"a \[b\] \\"
    assert parse(r"a \[b\] \c") == [Segment(r"a [b] \c")]


@pytest.mark.parametrize(
    "name", ["", " ", "Other", " a", "a]", "a[", "a\\b", "a\nb", "a : b", "a :", ": b"]
)
def test_names_that_the_notation_cannot_hold(name: str) -> None:
    assert name_problem(name) is not None


@pytest.mark.parametrize(
    "name", ["SL:DATE_TIME", "a b", "a/b", "a.b", "B-time", "时间", "a:", "E_x"]
)
def test_names_that_it_can_hold(name: str) -> None:
    assert name_problem(name) is None
    assert parse(render([Segment("x", name)])) == [Segment("x", name)]


@given(st.text(st.sampled_from("ab[]: :\\灯."), max_size=12) | _segments().map(render))
def test_the_short_way_reads_as_the_long_one(text: str) -> None:
    short = notation._plain(text)
    if short is not None and "[" in text:
        assert short == notation._any(text)
