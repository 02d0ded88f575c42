"""What systems make of a text, cut into segments."""

from __future__ import annotations

import pytest

from massive_kit.runs.playground.readings import NamedSystem, Segment
from tests.runs.playground.clock import Clock, SureClock


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        (
            "wake me  tomorrow nine ",
            "en-US",
            [("wake me  ", None), ("tomorrow", "date"), (" ", None), ("nine", "time"), (" ", None)],
        ),
        ("明日九", "ja-JP", [("明", None), ("日", "date"), ("九", "time")]),
        ("ناین", "ur-PK", [("ناین", "time")]),
        ("👩\u200d👩 a\u200cb nine", "fa-IR", None),
    ],
)
def test_segments_are_the_text_again(
    text: str, locale: str, expected: list[tuple[str, str | None]] | None
) -> None:
    reading = NamedSystem("clock", Clock()).read(text, locale)
    assert "".join(segment.text for segment in reading.segments) == text
    if expected is not None:
        assert reading.segments == tuple(Segment(*pair) for pair in expected)


def test_intents_come_with_probabilities_where_a_system_has_them() -> None:
    assert NamedSystem("clock", Clock()).read("nine", "en-US").intents == ()
    (first, share), second = NamedSystem("clock", SureClock()).read("nine", "en-US").intents
    assert first == "play_music"
    assert share == pytest.approx(0.75, abs=1e-3)
    assert second[0] == "alarm_set"
