"""Reads an answer as labels on the utterance's tokens, and tells what it cannot read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme, scheme_labels
from massive_kit.data.text_spans import token_places
from massive_kit.systems.interface import Utterance
from massive_kit.systems.prompted.answer_text import WrittenAnswer, WrittenSlot, take_apart
from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.value_places import ValuePlaces

# How alike a label must be that is written wrongly, and how much less the next one.
_ALIKE, _APART = 0.82, 0.05
# An answer in which so little is like the utterance does not repeat it.
_REPEATED = 0.5
_MOST_SLOTS = 200
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says.

    Attributes:
        intent: An intent of the inventory; `None` where none was asked for, or none can be read.
        labels: A token label for each token.
        unread: What could not be read, in a few words each.
    """

    intent: str | None
    labels: list[str]
    unread: tuple[str, ...] = ()


def read_answer(text: str, prompt: Prompt, scheme: SpanScheme) -> Reading:
    """Reads an answer, with as much tolerance as leaves no doubt of what is meant.

    Labels may be in another case, with other marks between words, or nearly right. The words of a
    slot are looked for in the utterance, in any order and spelling.

    Args:
        text: What the model wrote.
        prompt: What it was asked.
        scheme: That of the labels.
    """
    written, utterance = take_apart(text), prompt.utterance
    unread = [written.broken] if written.broken else []
    intent = None
    if prompt.step != "slots":
        intent = _intent(written, prompt.intents)
        if intent is None:
            unread.append(f"no intent in {_short(text)!r}")
    labels = [OTHER] * len(utterance.tokens)
    if prompt.step != "intent":
        labels, mistakes = _labels(written, prompt, scheme)
        unread += mistakes
    return Reading(intent, labels, tuple(unread))


def _intent(written: WrittenAnswer, names: Sequence[str]) -> str | None:
    for candidate in written.intent:
        intent = known_label(candidate, tuple(names))
        if intent is not None:
            return intent
    for candidate in written.intent:
        mentioned = _mentioned(candidate, names)
        if len(mentioned) == 1:
            return mentioned[0]
    return None


def _mentioned(text: str, names: Sequence[str]) -> list[str]:
    """The labels that stand in a sentence, without those that are a part of another one."""
    folded = f" {_spaced(text)} "
    there = [name for name in names if f" {_spaced(name)} " in folded]
    return [
        name
        for name in there
        if not any(
            other != name and f" {_spaced(name)} " in f" {_spaced(other)} " for other in there
        )
    ]


def known_label(written: str, names: tuple[str, ...]) -> str | None:
    """The label that is meant, or `None` where there is none or several may be."""
    if written in names:
        return written
    folded = _folded_names(names)
    key = _folded(written)
    if key in folded:
        return folded[key]
    near = get_close_matches(key, folded, n=2, cutoff=_ALIKE) if key else []
    if len(near) > 1 and _ratio(key, near[0]) - _ratio(key, near[1]) < _APART:
        return None
    return folded[near[0]] if near else None


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


@lru_cache(maxsize=256)
def _folded_names(names: tuple[str, ...]) -> dict[str, str | None]:
    folded: dict[str, str | None] = {}
    for name in names:
        key = _folded(name)
        # Two labels that differ in case alone must be written as they are.
        folded[key] = None if key in folded else name
    return folded


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text[:200]).casefold()))


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def _labels(
    written: WrittenAnswer, prompt: Prompt, scheme: SpanScheme
) -> tuple[list[str], list[str]]:
    utterance = prompt.utterance
    nothing = [OTHER] * len(utterance.tokens)
    if written.slots is None:
        rest = _repeated(written, prompt)
        if _is_repeated(rest, utterance.text):
            return nothing, []
        return nothing, ["no slots in the answer"]
    places = ValuePlaces(utterance.text, token_places(utterance.text, utterance.tokens))
    owners = _copied(written, utterance)
    slots = [*nothing]
    boundaries: list[int] = []
    unread = []
    after = 0
    for slot in written.slots[:_MOST_SLOTS]:
        name = known_label(slot.name, prompt.slots)
        if name is None:
            unread.append(f"no slot {_short(slot.name)!r}")
            continue
        tokens = _copied_tokens(slot, owners) or _tokens(slot, places, slots, after)
        if tokens is None:
            unread.append(f"no words {_short(slot.value)!r} of the slot {name}")
            continue
        after = tokens.stop
        slots[tokens.start : tokens.stop] = [name] * len(tokens)
        boundaries += [tokens.start, tokens.stop]
    return scheme_labels(slots, boundaries, scheme), unread


def _copied(written: WrittenAnswer, utterance: Utterance) -> list[int]:
    """The token of each letter, where an answer in brackets repeats the utterance as it is."""
    copy, text = "".join(written.rest.split()), "".join(utterance.tokens)
    if len(copy) != len(text) or copy.casefold() != text.casefold():
        return []
    return [number for number, token in enumerate(utterance.tokens) for _ in token]


def _copied_tokens(slot: WrittenSlot, owners: Sequence[int]) -> range | None:
    length = len("".join(slot.value.split()))
    if slot.start is None or not length or slot.start + length > len(owners):
        return None
    return range(owners[slot.start], owners[slot.start + length - 1] + 1)


def _tokens(
    slot: WrittenSlot, places: ValuePlaces, slots: Sequence[str], after: int
) -> range | None:
    taken = [token for token, name in enumerate(slots) if name != OTHER]
    return places.find(slot.value, taken, after)


def _repeated(written: WrittenAnswer, prompt: Prompt) -> str:
    """What of an answer without brackets should be the utterance."""
    if prompt.step == "both" and len(written.intent) > 1:
        return written.intent[-1]
    return "" if prompt.step == "both" else written.rest


def _is_repeated(rest: str, text: str) -> bool:
    return _folded(rest) == _folded(text) or _ratio(_folded(rest), _folded(text)) >= _REPEATED


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
