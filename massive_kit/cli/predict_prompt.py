"""`predict --show-prompt`: one prompt, filled in, before any is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from massive_kit.cli.console import emit
from massive_kit.cli.predict_text import checked_text, chosen_locale
from massive_kit.errors import UsageError

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
        raise UsageError(f"{run} asks no language model; --show-prompt is for runs that do")
    if task is not None and text is None:
        from massive_kit.data.opening import open_task

        utterance = first_utterance(open_task(task, data).test)
    else:
        meant = checked_text(_EXAMPLE if text is None else text)
        (utterance,) = text_utterances([meant], chosen_locale(locale, run), system)
    emit(system.prompt(utterance))
