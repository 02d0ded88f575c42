"""Texts with spans in bracket notation, and what cannot be written in it."""

from __future__ import annotations

import pytest

from massive_kit.data.intake.annotating import AnnotationError, in_brackets
from massive_kit.data.intake.foreign_rows import SlotSpan


def test_brackets_of_the_text_are_escaped_and_names_kept_whole() -> None:
    spans = [SlotSpan(6, 10, "SL:DATE"), SlotSpan(0, 5, "time.start")]
    assert in_brackets("[six] noon", spans) == r"[time.start : \[six\]] [SL:DATE : noon]"


@pytest.mark.parametrize("name", ["a]", "a[b", "a\\b", "a\nb", "", " a", "Other", "a : b"])
def test_a_name_that_the_notation_cannot_hold_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(AnnotationError, match="cannot be the name of a slot: "):
        in_brackets("at six", [SlotSpan(3, 6, name), SlotSpan(0, 2, "b")])


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([SlotSpan(0, 9, "a")], "a from 0 to 9 is not within the 6 characters of the text"),
        ([SlotSpan(2, 3, "a")], "a from 2 to 3 holds no text"),
        ([SlotSpan(0, 4, "a"), SlotSpan(3, 6, "b")], "a 'at s' and b 'six' overlap"),
    ],
)
def test_impossible_spans_are_refused(spans: list[SlotSpan], reason: str) -> None:
    with pytest.raises(AnnotationError) as caught:
        in_brackets("at six", spans)
    assert str(caught.value) == reason
