"""Requests wait as long as an endpoint asks, and no longer than is allowed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from massive_kit.systems.prompted.endpoint.pace import Pace, StoppedError
from massive_kit.systems.prompted.recipe import Decoding


class Waits:
    """A clock that jumps instead of waiting, and keeps how long it was to wait."""

    def __init__(self, pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds: list[float] = []
        self.now = 100.0
        monkeypatch.setattr(f"{Pace.__module__}.time.monotonic", lambda: self.now)
        monkeypatch.setattr(pace, "_sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7", 7, 7 * 1.5),
        ("0.001", 0.5, 0.75),
        ("soon", 0.5, 0.75),
        ("nan", 0.5, 0.75),
        ("-5", 0.5, 0.75),
        ("1e300", 60, 60),
        ("inf", 60, 60),
    ],
)
def test_retry_after_is_waited_for(
    asked: str, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = Pace(Decoding())
    waits = Waits(pace, monkeypatch)
    pace.hold(0, {"retry-after": asked})
    assert least <= waits.seconds[0] <= most


@pytest.mark.parametrize(("seconds", "least"), [(40, 35), (-40, 0.5)])
@pytest.mark.parametrize("zone", ["+0000", "-0000", "GMT"])
def test_retry_after_may_be_a_date(
    zone: str, seconds: float, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds))
    pace = Pace(Decoding())
    waits = Waits(pace, monkeypatch)
    pace.hold(0, {"retry-after": moment.replace("+0000", zone)})
    assert least <= waits.seconds[0] <= max(0.75, seconds * 1.5)


def test_what_one_request_is_asked_holds_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(Decoding())
    waits = Waits(pace, monkeypatch)
    monkeypatch.setattr(pace, "_sleep", lambda _: None)
    pace.hold(0, {"retry-after": "30"})
    monkeypatch.setattr(pace, "_sleep", waits._sleep)
    pace.turn()
    assert waits.seconds == [pytest.approx(30)]


def test_waits_double_and_are_no_two_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(Decoding(longest_wait=5))
    waits = Waits(pace, monkeypatch)
    for attempt in range(6):
        pace.hold(attempt)
    assert all(
        min(5, 0.5 * 2**attempt) <= seconds <= 5 for attempt, seconds in enumerate(waits.seconds)
    )
    assert len({*waits.seconds[:3]}) == 3


def test_so_many_requests_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(Decoding(requests_per_minute=120))
    waits = Waits(pace, monkeypatch)
    for _ in range(5):
        pace.turn()
    assert waits.now - 100 == pytest.approx(2)


def test_a_stop_wakes_who_waits() -> None:
    pace = Pace(Decoding())
    pace.stop()
    start = time.monotonic()
    with pytest.raises(StoppedError):
        pace.hold(0, {"retry-after": "50"})
    with pytest.raises(StoppedError):
        pace.turn()
    assert time.monotonic() - start < 5
