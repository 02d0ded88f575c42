"""Shows a training run on stderr: how far it is, the time left, and dev scores as they come.

On a terminal a bar moves; elsewhere, in the log file of a job say, a line comes now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from massive_kit.cli.console import err, progress
from massive_kit.cli.prediction_progress import ShownPredictions
from massive_kit.schema.metrics import METRIC_INFO

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from massive_kit.engine.evaluation import DevReport

_SHOWN = 5
_LINE_SECONDS = 60


class ShownTraining:
    """Tells of a run; see `massive_kit.engine.observer.TrainingObserver`."""

    def __init__(
        self, bar: Bar, *, table: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.bar = bar
        self.task = bar.task_ids[0]
        self.table = table
        # None until a loss was logged, so that none looks like one that is no number.
        self.loss: float | None = None
        self.clock = clock
        self.steps = self.first = 0
        self.began = self.last_line = clock()
        self.shown_texts: ShownPredictions | None = None

    def teaching(self, texts: int) -> None:
        """Sets the bar's length to the texts that teachers are asked for."""
        self.bar.reset(self.task, total=texts, description="asking the teacher")
        self.shown_texts = ShownPredictions(
            self.bar, texts, what="answers of the teacher", clock=self.clock
        )

    def taught(self, locale: str, texts: int) -> None:
        """Moves the bar on, or stands in for it as predicting does."""
        assert self.shown_texts is not None
        self.bar.update(self.task, description=f"asking the teacher ({locale})")
        self.shown_texts(locale, texts)

    def reading(self, texts: int) -> None:
        """Sets the bar's length to the texts that are read beside the training."""
        if texts:
            self.bar.reset(self.task, total=texts, description="reading texts")
            self.shown_texts = ShownPredictions(self.bar, texts, what="texts", clock=self.clock)

    def read(self, locale: str, texts: int) -> None:
        """Moves the bar on, or stands in for it as predicting does."""
        assert self.shown_texts is not None
        self.bar.update(self.task, description=f"reading texts ({locale})")
        self.shown_texts(locale, texts)

    def started(self, steps: int, done: int) -> None:
        """Sets the bar's length."""
        self.steps, self.first = steps, done
        self.began = self.last_line = self.clock()
        self.bar.reset(self.task, total=steps, completed=done, description="training")

    def stepped(self, step: int) -> None:
        """Moves the bar on; where there is none, a line about once a minute stands in for it."""
        self.bar.update(self.task, completed=step)
        now = self.clock()
        if self.bar.disable and now - self.last_line >= _LINE_SECONDS:
            self.last_line = now
            left = (now - self.began) / (step - self.first) * (self.steps - step)
            err.print(
                f"step {step:,} of {self.steps:,}{self._shown_loss()}"
                f"  {timedelta(seconds=round(left))} left",
                soft_wrap=True,
            )

    def logged(self, values: Mapping[str, float]) -> None:
        """Shows the loss beside the bar."""
        self.loss = values.get("loss", self.loss)
        if self.loss is not None:
            self.bar.update(self.task, description=f"training (loss {self.loss:.3f})")

    def evaluated(self, report: DevReport, *, metric: str, epoch: float, best: bool) -> None:
        """Prints the dev scores and the locales: all of a few, else the best and the worst."""
        scores = "  ".join(
            f"{_words(name)} {shown_score(name, value)}" for name, value in report.values.items()
        )
        err.print(
            f"epoch {epoch:6.2f}{self._shown_loss(6)}  dev: {scores}{'  *' if best else ''}",
            soft_wrap=True,
        )
        info = METRIC_INFO.get(metric)
        best_first = -1 if info is None or info.higher_is_better else 1
        scored = [item for item in report.parts.items() if metric in item[1]]
        ranked = sorted(scored, key=lambda item: best_first * item[1][metric])
        if len(ranked) <= 1:
            return
        if self.table:
            shown = ranked
        else:
            shown = ranked if len(ranked) <= 2 * _SHOWN else [*ranked[:_SHOWN], *ranked[-_SHOWN:]]
        cells = [f"{locale} {shown_score(metric, values[metric])}" for locale, values in shown]
        half = None if len(shown) == len(ranked) else _SHOWN
        text = ", ".join(cells[:half])
        if half is not None:
            text += ", ..., " + ", ".join(cells[half:])
        err.print(f"    {_words(metric)}: {text}", style="dim", soft_wrap=True)

    def _shown_loss(self, width: int = 0) -> str:
        return "" if self.loss is None else f"  loss {self.loss:{width}.3f}"


def shown_score(metric: str, value: float) -> str:
    """A dev score as people read it."""
    # Only scores of the benchmark are shares.
    return f"{value:.1%}" if metric in METRIC_INFO else f"{value:.4g}"


def _words(metric: str) -> str:
    info = METRIC_INFO.get(metric)
    return info.short if info else metric.replace("_", " ")


@contextmanager
def shown_training(*, table: bool) -> Iterator[ShownTraining]:
    """A progress display for one run; `table` shows every locale at each evaluation."""
    with progress("training") as bar:
        yield ShownTraining(bar, table=table)
