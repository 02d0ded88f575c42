"""The shapes of answers that are written here: what may come next, piece by piece.

A piece is text; what a model may write next is one of the pieces that a state offers. Whatever it
chooses, the whole reads back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from massive_kit.data import notation
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.text_spans import token_places
from massive_kit.systems.prompted.asking import Prompt


@dataclass(frozen=True, slots=True)
class State:
    """Where writing stands.

    Attributes:
        at: The token of the utterance that is next.
        slot: The slot that is open, or `None`.
        closed: The slot that was closed last, with no token since.
        written: How many slots were written.
        ended: Whether the answer is whole.
        named: The slot whose name is written, and whose words have not begun; or `None`.
    """

    at: int = 0
    slot: str | None = None
    closed: str | None = None
    written: int = 0
    ended: bool = False
    named: str | None = None


Options = Mapping[str, State]


class SlotShape(Protocol):
    """How slots are written."""

    def options(self, state: State) -> Options:
        """The pieces that may come next, each with the state behind it; none at the end."""

    def likely(self, state: State) -> Sequence[str]:
        """The pieces that are likely to come next, one after the other."""


@dataclass(frozen=True)
class BracketShape:
    """The utterance, copied, with slots in brackets.

    Attributes:
        words: The tokens as they stand in annotated text.
        spaces: What stands before each.
        slots: The slots that may be opened.
        scheme: Whether a slot may directly follow one of its own.
    """

    words: Sequence[str]
    spaces: Sequence[str]
    slots: Sequence[str]
    scheme: SpanScheme

    def options(self, state: State) -> Options:
        """Copy the next token, open a slot before it, or close the open slot."""
        at, count = state.at, len(self.words)
        if state.slot is not None:
            closing = {"]": State(at, closed=state.slot)}
            if at == count:
                return closing
            return closing | {self.spaces[at] + self.words[at]: State(at + 1, state.slot)}
        if at == count:
            return {}
        word, apart = self.words[at], self._apart(at)
        space = apart if state.closed else self.spaces[at]
        opening = [slot for slot in self.slots if self.scheme == "brackets" or slot != state.closed]
        return {space + word: State(at + 1)} | {
            f"{apart}[{slot} : {word}": State(at + 1, slot) for slot in opening
        }

    def likely(self, state: State) -> Sequence[str]:
        """Copy on: most tokens neither open nor close a slot."""
        spaces = [*self.spaces[state.at :]]
        if state.closed and spaces:
            spaces[0] = self._apart(state.at)
        return [space + word for space, word in zip(spaces, self.words[state.at :], strict=True)]

    def _apart(self, at: int) -> str:
        """What stands before a token beside a bracket: brackets stand apart."""
        return self.spaces[at] or (" " if at else "")


@dataclass(frozen=True)
class JsonShape:
    """A list of slots with their words, in the order of the utterance.

    Attributes:
        words: The tokens as they stand in JSON.
        spaces: What stands before each.
        slots: The slots that may be written.
    """

    words: Sequence[str]
    spaces: Sequence[str]
    slots: Sequence[str]

    def options(self, state: State) -> Options:
        """Name a slot, begin its words, go on with them, end them, or end the list.

        A name and where its words begin are two pieces: there are as many options as slots, or as
        tokens, and never as both multiplied.
        """
        at, count, written = state.at, len(self.words), state.written
        if state.ended:
            return {}
        if state.named is not None:
            beginnings: dict[str, State] = {}
            for first in range(at, count):
                after = State(first + 1, state.named, written=written)
                # Of words that are alike the first.
                beginnings.setdefault(f' "{self.words[first]}', after)
            return beginnings
        if state.slot is not None:
            closing = {'"}': State(at, written=written + 1)}
            if at == count:
                return closing
            word = self.spaces[at] + self.words[at]
            return closing | {word: State(at + 1, state.slot, written=written)}
        ending = {"]}": State(at, ended=True)}
        if at == count:
            return ending
        comma = ", " if written else ""
        return ending | {
            f'{comma}{{"slot": {json.dumps(slot, ensure_ascii=False)}, "value":': State(
                at, named=slot, written=written
            )
            for slot in self.slots
        }

    def likely(self, state: State) -> Sequence[str]:
        """Nothing: there is no copy to go on with."""
        del state
        return ()


def slot_shape(prompt: Prompt, scheme: SpanScheme) -> SlotShape:
    """How the slots of an utterance are written."""
    text, tokens = prompt.utterance.text, prompt.utterance.tokens
    places = token_places(text, tokens)
    ends = [0, *(end for _, end in places[:-1])]
    gaps = [text[end:start] for end, (start, _) in zip(ends, places, strict=True)]
    spaces = [" " if gap else "" for gap in gaps]
    if prompt.form == "json":
        words = [json.dumps(token, ensure_ascii=False)[1:-1] for token in tokens]
        return JsonShape(words, spaces, prompt.slots)
    # What stands before the first token: the answer follows the question after a space.
    spaces[:1] = [" " if prompt.step == "slots" else ""][: len(spaces)]
    return BracketShape([notation.escape(token) for token in tokens], spaces, prompt.slots, scheme)


def opening(prompt: Prompt) -> str:
    """What an answer begins with, whatever it says."""
    if prompt.form == "text":
        return ""
    return ' {"slots": [' if prompt.step == "slots" else ' {"intent": "'


def label_piece(prompt: Prompt, label: str) -> str:
    """How an intent is written, with what ends it, so that none is the beginning of another."""
    if prompt.form == "text":
        return f" {label}\n"
    return json.dumps(label, ensure_ascii=False)[1:]


def closing(prompt: Prompt) -> str:
    """What an answer ends with, whatever it says."""
    return "}" if prompt.form == "json" and prompt.step == "intent" else ""


def between(prompt: Prompt) -> str:
    """What stands between the intent and the slots."""
    return "" if prompt.form == "text" else ', "slots": ['
