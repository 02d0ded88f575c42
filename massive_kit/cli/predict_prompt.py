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
from massive_kit.counted import counted
from massive_kit.errors import UsageError

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.runs.predicting import PredictedFile
    from massive_kit.systems.interface import Usage

_NO_PRICE = "not known; give -o prices.prompt=... -o prices.answer=... for a million tokens"
_NO_RATE = "not known; give -o decoding.requests_per_minute=..."
_LOCAL = "not known: the model runs here"
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
    most = total.most if usage.requests else None
    longest = "as long as the longest in the prompt"
    if most is not None:
        longest += f"; {most.answer_tokens:,} if all are as long as decoding.max_tokens allows"
    emit(f"answer tokens    {usage.answer_tokens:,} ({longest})")
    # Only what is sent to an endpoint has prices and a pace to ask for.
    is_sent = total.most is not None
    price = _money(usage) if usage.cost is not None else _NO_PRICE
    if most is not None and most.cost is not None:
        price += f" ({_money(most)} if all answers are as long as they may be)"
    if is_sent or usage.cost is not None:
        emit(f"price            {price if usage.requests else 'nothing'}")
    rate, time = total.requests_per_minute, _NO_RATE if is_sent else _LOCAL
    if rate is not None:
        time = f"{timedelta(seconds=round(usage.requests / rate * 60))} at {rate:g} a minute"
    emit(f"time             {time}")
    emit("nothing was sent")


def print_unread(done: PredictedFile) -> None:
    """Prints what could not be read of answers, by locale."""
    if done.failed:
        err.print(
            f"{done.failed:,} of {done.rows:,} answers could not be read;"
            " other labels stand in for them",
            soft_wrap=True,
        )
    total = sum(part.unread for part in done.counts.values())
    if total:
        err.print(f"{counted(total, 'part')} of answers could not be read", soft_wrap=True)
    for locale, part in done.counts.items():
        numbers = [
            *([counted(part.failed, "answer")] if part.failed else []),
            *([counted(part.unread, "part")] if part.unread else []),
        ]
        if numbers:
            err.print(f"  {locale}: {', '.join(numbers)}", soft_wrap=True)


def print_usage(done: PredictedFile) -> None:
    """Prints what a language model took, if one was asked."""
    usage = done.usage
    if usage is None:
        return
    tokens = f"{usage.prompt_tokens:,} prompt and {usage.answer_tokens:,} answer tokens"
    price = "" if usage.cost is None else f", {_money(usage)}"
    emit(f"{counted(usage.requests, 'request')}, those of earlier calls included: {tokens}{price}")
    if usage.estimated:
        err.print(
            f"the tokens of {counted(usage.estimated, 'request')} are estimated: the endpoint does"
            " not count them",
            soft_wrap=True,
        )


def _money(usage: Usage) -> str:
    """A price, with as many digits as it takes not to be nothing."""
    cost = usage.cost or 0.0
    return f"{cost:,.{2 if cost >= 1 else 4}f} {usage.currency}"


def _asks_nothing(run: Path, option: str) -> UsageError:
    return UsageError(f"{run} asks no language model; {option} is for runs that do")
