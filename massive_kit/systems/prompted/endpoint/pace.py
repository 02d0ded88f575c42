"""When requests are sent: so many a minute, and none before the endpoint wants one again."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import numpy as np

from massive_kit.systems.prompted.recipe import Decoding

_FIRST_WAIT = 0.5
# Requests that were refused together do not come back together.
_JITTER = 0.5


class StoppedError(Exception):
    """Nothing is sent any more."""


class Pace:
    """The pace of all threads together."""

    def __init__(self, decoding: Decoding) -> None:
        self._longest = decoding.longest_wait
        rate = decoding.requests_per_minute
        self._gap = 60 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._generator = np.random.default_rng()

    @property
    def stopped(self) -> bool:
        """Whether nothing is sent any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Lets no request be sent any more, and wakes those that wait."""
        self._stopped.set()

    def turn(self) -> None:
        """Waits until a request may be sent.

        Raises:
            StoppedError: No request is sent any more.
        """
        while not self.stopped:
            with self._lock:
                now = time.monotonic()
                if now >= self._next:
                    self._next = max(now, self._next) + self._gap
                    return
                wait = self._next - now
            self._sleep(wait)
        raise StoppedError

    def hold(self, attempt: int, headers: Mapping[str, str] | None = None) -> None:
        """Waits before another attempt: twice as long each time, or as long as the endpoint asks.

        What an endpoint asks for holds for all requests.

        Args:
            attempt: How many were made.
            headers: Of the response, if one came.

        Raises:
            StoppedError: No request is sent any more.
        """
        asked = _asked_seconds(headers or {})
        with self._lock:
            spread = 1 + _JITTER * float(self._generator.random())
            wait = min(self._longest, max(_FIRST_WAIT * 2**attempt, asked or 0.0) * spread)
            if asked is not None:
                self._next = max(self._next, time.monotonic() + min(asked, self._longest))
        self._sleep(wait)
        if self.stopped:
            raise StoppedError

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)


def _asked_seconds(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` says: seconds, or a date."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124 - NaN differs from itself
