"""Rows of a foreign format: what its module gives, before they become rows of MASSIVE's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlotSpan:
    """A slot over a stretch of the utterance, in code points.

    Attributes:
        start: The first of them.
        end: One past the last of them.
        slot: Its name.
    """

    start: int
    end: int
    slot: str


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """An utterance as a foreign file has it: text with spans, or tokens with a tag each.

    Attributes:
        line: Where it stands in its file, from 1.
        source: The row as it stood.
        id: Its id; `None` where the file has none, and its position is taken.
        locale: `None` where the row does not say; the path or an option does.
        partition: `None` where the row does not say; the path or an option does.
        intent: Its intent, if it has one.
        scenario: The domain of the intent, if there is one.
        text: The utterance.
        spans: The slots of `text`; empty where it has none, `None` where it is not annotated.
        tokens: The utterance as tokens, in place of `text`; with it, they must stand in it.
        tags: A tag for each token as it stands in the file, whatever the tag scheme; `None` where
            the tokens are not annotated.
        mistakes: Why the row cannot be used.
        notes: What was changed, such as "nested slots flattened to the outermost"; counted and
            reported.
    """

    line: int
    source: str
    id: str | None = None
    locale: str | None = None
    partition: str | None = None
    intent: str | None = None
    scenario: str | None = None
    text: str | None = None
    spans: Sequence[SlotSpan] | None = None
    tokens: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    mistakes: Sequence[str] = ()
    notes: Sequence[str] = ()
