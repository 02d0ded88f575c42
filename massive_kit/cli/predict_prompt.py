"""What `predict` prints about language models: a prompt, what asking takes, what was not read."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.cli.console import emit, err
from massive_kit.cli.predict_text import checked_text, chosen_locale
from massive_kit.errors import UsageError

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.runs.predicting import PredictedFile

_NO_PRICE = "not known; give -o prices.prompt=... -o prices.answer=... for a million tokens"
_NO_RATE = "not known; give -o decoding.requests_per_minute=..."
_EXAMPLE = "wake me up at nine am on friday"


def print_prompt(
    run: Path,
    task: str | None,
    data: str | None,
    text: str | None,
    locale: str,
    overrides: Sequence[str],
) -> None:
    """Prints what is asked about a text, a task's first test utterance, or else an example.

    Raises:
        UsageError: The run asks no language model.
    """
    from massive_kit.runs.loading import load_system
    from massive_kit.runs.predicting import first_utterance, text_utterances
    from massive_kit.systems.interface import PromptedSystem

    system = load_system(run, overrides)
    if not isinstance(system, PromptedSystem):
        raise _asks_nothing(run, "--show-prompt")
    if task is not None and text is None:
        from massive_kit.data.opening import open_task

        utterance = first_utterance(open_task(task, data).test)
    else:
        meant = checked_text(_EXAMPLE if text is None else text)
        (utterance,) = text_utterances([meant], chosen_locale(locale, run), system)
    emit(system.prompt(utterance))


def print_forecast(run: Path, task_data: TaskData, overrides: Sequence[str]) -> None:
    """Prints requests, tokens, price and time of predicting a task; nothing is sent.

    Raises:
        UsageError: The run asks no language model.
    """
    from massive_kit.runs.loading import load_system
    from massive_kit.runs.predicting import read_utterances
    from massive_kit.systems.interface import PromptedSystem

    system = load_system(run, overrides)
    if not isinstance(system, PromptedSystem):
        raise _asks_nothing(run, "--dry-run")
    splits = task_data.test.by_locale()
    forecasts = [system.forecast(read_utterances(split)) for split in splits]
    total = functools.reduce(operator.add, forecasts)
    usage = total.usage
    emit(f"utterances       {total.utterances:,} in {len(forecasts)} locales")
    emit(f"answered already {total.answered:,} requests")
    emit(f"requests         {usage.requests:,}")
    emit(f"prompt tokens    {usage.prompt_tokens:,} ({total.counted})")
    emit(f"answer tokens    {usage.answer_tokens:,} (as long as the longest in the prompt)")
    price = f"{usage.cost:,.2f} {usage.currency}" if usage.cost is not None else _NO_PRICE
    emit(f"price            {'nothing' if not usage.requests else price}")
    rate, time = total.requests_per_minute, _NO_RATE
    if rate is not None:
        time = f"{timedelta(seconds=round(usage.requests / rate * 60))} at {rate:g} a minute"
    emit(f"time             {time}")
    emit("nothing was sent")


def print_unread(done: PredictedFile) -> None:
    """Prints what could not be read of answers, by locale."""
    if done.failed:
        err.print(f"{done.failed:,} answers could not be read and count as wrong")
    for locale, part in done.counts.items():
        if part.unread:
            parts = f"{part.unread:,} parts of answers were left out"
            err.print(f"  {locale}: {part.failed:,} answers could not be read, {parts}")


def _asks_nothing(run: Path, option: str) -> UsageError:
    return UsageError(f"{run} asks no language model; {option} is for runs that do")
