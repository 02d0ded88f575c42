"""How far a system is that reads utterances several times."""

from __future__ import annotations

from collections.abc import Callable


class CountedReadings:
    """Counts an utterance when it was read as often as it is to be."""

    def __init__(self, times: int, progress: Callable[[int], None] | None) -> None:
        """Begins to count.

        Args:
            times: How often each is read.
            progress: Called with the number of utterances that were; `None` for nobody.
        """
        self._times = times
        self._progress = progress
        self._read = 0

    def add(self, count: int) -> None:
        """So many utterances more were read."""
        before = self._read // self._times
        self._read += count
        if self._progress and (more := self._read // self._times - before):
            self._progress(more)
