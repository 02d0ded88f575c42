"""Whom a training run tells how it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from massive_kit.engine.evaluation import DevReport


class TextObserver(Protocol):
    """What is told while a system is fitted to the text of languages."""

    def reading(self, texts: int) -> None:
        """So many texts are going to be read."""

    def read(self, locale: str, texts: int) -> None:
        """So many more were, of a locale."""


class TrainingObserver(TextObserver, Protocol):
    """What a run tells while it goes on."""

    def teaching(self, texts: int) -> None:
        """Before training: teachers are asked for what they say of so many texts."""

    def taught(self, locale: str, texts: int) -> None:
        """They have said it of so many more, of a locale."""

    def started(self, steps: int, done: int) -> None:
        """Training begins after `done` of its steps."""

    def stepped(self, step: int) -> None:
        """An optimiser step is done."""

    def logged(self, values: Mapping[str, float]) -> None:
        """A line of the log."""

    def evaluated(self, report: DevReport, *, metric: str, epoch: float, best: bool) -> None:
        """The dev set has been scored; `metric` is the one that decides."""


class SilentObserver:
    """Does nothing with what it is told."""

    def teaching(self, texts: int) -> None:
        """Does nothing."""

    def taught(self, locale: str, texts: int) -> None:
        """Does nothing."""

    def reading(self, texts: int) -> None:
        """Does nothing."""

    def read(self, locale: str, texts: int) -> None:
        """Does nothing."""

    def started(self, steps: int, done: int) -> None:
        """Does nothing."""

    def stepped(self, step: int) -> None:
        """Does nothing."""

    def logged(self, values: Mapping[str, float]) -> None:
        """Does nothing."""

    def evaluated(self, report: DevReport, *, metric: str, epoch: float, best: bool) -> None:
        """Does nothing."""
