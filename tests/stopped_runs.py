"""Ends trainings before their end, and reads what they wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from massive_kit.engine.observer import SilentObserver


class Stopped(SilentObserver):
    """Ends a run behind a step, as a signal would."""

    def __init__(self, at: int) -> None:
        self.at = at

    def stepped(self, step: int) -> None:
        if step == self.at:
            raise KeyboardInterrupt


def log(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
