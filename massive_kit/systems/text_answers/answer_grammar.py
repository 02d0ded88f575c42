"""Decoding that can write nothing but an answer: a label for each token, and an intent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from massive_kit.data.tokens import OTHER
from massive_kit.systems.text_answers.verbaliser import Verbaliser

Encode = Callable[[str], tuple[int, ...]]


@dataclass(slots=True)
class _Node:
    """A node of a trie over subword ids; `ends` is the item that ends here."""

    children: dict[int, _Node] = field(default_factory=dict)
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """Where writing stands: the items so far, and the place within the next one."""

    items: tuple[str, ...]
    node: _Node

    def __hash__(self) -> int:
        return hash((self.items, id(self.node)))


class Grammar:
    """All answers for utterances, as sequences of subwords.

    Attributes:
        end: The subword that ends an answer.
    """

    def __init__(self, verbaliser: Verbaliser, encode: Encode, end: int) -> None:
        self.end = end
        self._form = verbaliser.form
        self._encode = encode
        self._intents = _tries(verbaliser.intents, encode)
        self._labels = {
            slot: _tries(verbaliser.words_after(slot), encode) for slot in verbaliser.slot_words
        }
        self._meanings = verbaliser.meanings
        self.longest = max(
            len(encode(f" {word}")) for word in (*verbaliser.intents, *verbaliser.meanings)
        )

    def answers(self, tokens: Sequence[str]) -> Answers:
        """The answers for one utterance."""
        return Answers(self, tokens)

    def length(self, tokens: Sequence[str]) -> int:
        """At least as many subwords as the longest answer has."""
        words = (
            sum(len(self._encode(f" {token}")) + 1 for token in tokens) if self._form.words else 0
        )
        return (len(tokens) + 1) * self.longest + words + 1

    def root(self, items: tuple[str, ...], tokens: Sequence[str]) -> _Node | None:
        """The trie of the item after `items`; `None` after the last."""
        per_token = 2 if self._form.words else 1
        done = len(items) - (1 if self._form.intent_first else 0)
        first = 0 if items else 1
        if self._form.intent_first and not items:
            return self._intents[first]
        left = per_token * len(tokens) - done
        if left < 0 or (left == 0 and self._form.intent_first):
            return None
        if left == 0:
            return self._intents[first]
        if self._form.words and done % 2 == 0:
            return _tries([tokens[done // 2]], self._encode)[first]
        return self._labels[self._before(items, per_token)][first]

    def _before(self, items: tuple[str, ...], per_token: int) -> str:
        """The slot of the token before, by the words so far."""
        words = items[1:] if self._form.intent_first else items
        for word in reversed(words[per_token - 1 :: per_token]):
            slot = self._meanings[word].slot
            if slot is not None:
                return slot
        return OTHER


class Answers:
    """The answers for one utterance; tells which subwords may come next."""

    def __init__(self, grammar: Grammar, tokens: Sequence[str]) -> None:
        self._grammar = grammar
        self._tokens = tokens
        self._memory: dict[tuple[int, ...], frozenset[_State]] = {}

    def allowed(self, written: tuple[int, ...]) -> list[int]:
        """The subwords that may follow what is written."""
        subwords: set[int] = set()
        for state in self._states(written):
            subwords.update(state.node.children)
            if state.node.ends is not None:
                subwords.update(self._after((*state.items, state.node.ends)))
        return sorted(subwords)

    def read(self, written: tuple[int, ...]) -> list[str] | None:
        """The items of an answer that is complete, else `None`."""
        for state in self._states(written):
            if state.node.ends is None:
                continue
            items = (*state.items, state.node.ends)
            if self._grammar.root(items, self._tokens) is None:
                return list(items)
        return None

    def _after(self, items: tuple[str, ...]) -> Iterable[int]:
        root = self._grammar.root(items, self._tokens)
        return (self._grammar.end,) if root is None else root.children

    def _states(self, written: tuple[int, ...]) -> frozenset[_State]:
        known = self._memory.get(written)
        if known is None:
            if written:
                known = frozenset(self._step(self._states(written[:-1]), written[-1]))
            else:
                root = self._grammar.root((), self._tokens)
                assert root is not None
                known = frozenset([_State((), root)])
            self._memory[written] = known
        return known

    def _step(self, states: Iterable[_State], subword: int) -> Iterable[_State]:
        for state in states:
            if subword in state.node.children:
                yield _State(state.items, state.node.children[subword])
            if state.node.ends is not None:
                items = (*state.items, state.node.ends)
                root = self._grammar.root(items, self._tokens)
                if root is not None and subword in root.children:
                    yield _State(items, root.children[subword])


class OnlyAnswers(LogitsProcessor):
    """Forbids every subword that leads away from an answer; answers begin at `start`."""

    def __init__(self, rows: Sequence[Answers], beams: int, start: int, end: int, pad: int) -> None:
        self._rows = rows
        self._beams = beams
        self._start = start
        self._end = end
        self._pad = pad

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores with all else at minus infinity."""
        closed = torch.full_like(scores, float("-inf"))
        for i, ids in enumerate(input_ids[:, self._start :].tolist()):
            written = tuple(ids)
            if self._end in written:
                allowed = [self._pad]
            else:
                allowed = self._rows[i // self._beams].allowed(written) or [self._end]
            closed[i, allowed] = scores[i, allowed]
        return closed


def item_encoder(tokenizer: Any) -> Encode:
    """Encodes one item, with the space before it if it has one; remembers what it has seen."""
    memory: dict[str, tuple[int, ...]] = {}

    def encode(text: str) -> tuple[int, ...]:
        known = memory.get(text)
        if known is None:
            known = tuple(tokenizer(text, add_special_tokens=False).input_ids)
            memory[text] = known
        return known

    return encode


def written_alike(verbaliser: Verbaliser, encode: Encode) -> list[tuple[str, str]]:
    """Pairs of words that a tokenizer writes alike, so that no answer tells them apart."""
    alike = []
    for words in (verbaliser.intents, verbaliser.meanings):
        first: dict[tuple[int, ...], str] = {}
        for word in words:
            before = first.setdefault(encode(f" {word}"), word)
            if before != word:
                alike.append((before, word))
    return alike


def _tries(items: Iterable[str], encode: Encode) -> tuple[_Node, _Node]:
    """The trie of items after others, and that of items at the start."""
    items = list(items)
    return _trie(items, encode, " "), _trie(items, encode, "")


def _trie(items: Iterable[str], encode: Encode, space: str) -> _Node:
    root = _Node()
    for item in items:
        node = root
        for subword in encode(space + item):
            node = node.children.setdefault(subword, _Node())
        node.ends = item
    return root
