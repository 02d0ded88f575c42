"""Shows on stderr how far predicting is.

On a terminal a bar moves; elsewhere, in the log file of a job say, a line comes now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from massive_kit.cli.console import err, progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_LINE_SECONDS = 60
# Rows of a batch come at once; between batches there are waits of at least so many seconds. What
# is left is told after so many of them, since the first holds the loading of the model.
_WAIT_SECONDS, _FEW_WAITS = 0.05, 4


class ShownPredictions:
    """Tells of rows; called with their locale and how many more there are."""

    def __init__(
        self,
        bar: Bar,
        rows: int,
        *,
        what: str = "predictions",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bar = bar
        self.what = what
        self.rows = rows
        self.clock = clock
        self.done = self.last_done = 0
        self.last_line = self.last_call = clock()
        self.waits = 0

    def reading(self, texts: int) -> None:
        """So many rows there are, where nobody could say before."""
        self.rows = texts
        # A bar without an end moves to and fro.
        self.bar.update(self.bar.task_ids[0], total=texts or None)

    def read(self, locale: str, texts: int) -> None:
        """So many more of a locale are done."""
        self(locale, texts)

    def __call__(self, locale: str, rows: int) -> None:
        """Moves the bar on; where there is none, a line about once a minute stands in for it."""
        self.bar.advance(self.bar.task_ids[0], rows)
        self.done += rows
        now = self.clock()
        self.waits += now - self.last_call >= _WAIT_SECONDS
        self.last_call = now
        if self.bar.disable and now - self.last_line >= _LINE_SECONDS:
            # Of the pace since the last line, since answers that are kept come at once.
            pace = (now - self.last_line) / (self.done - self.last_done)
            left = timedelta(seconds=round(pace * (self.rows - self.done)))
            line = f"{self.done:,} of {self.rows:,} {self.what}  {locale}"
            if self.waits >= _FEW_WAITS:
                line += f"  {left} left"
            err.print(line, soft_wrap=True)
            self.last_line, self.last_done = now, self.done


@contextmanager
def prediction_bar(
    description: str, rows: int, what: str = "predictions"
) -> Iterator[ShownPredictions]:
    """A progress display for predictions, or for what else is made of rows."""
    with progress(description, rows) as bar:
        yield ShownPredictions(bar, rows, what=what)
