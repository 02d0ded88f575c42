"""How many tokens a text has, before a model says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from massive_kit.systems.prompted.asking import Prompt

# What stands around each message of a conversation.
_PER_MESSAGE = 4
# Prompts are full of names such as `alarm_set` and of JSON, which fall into shorter tokens than
# prose; other scripts fall into bytes or pairs of them where a vocabulary is small.
_ASCII_PER_TOKEN = 3
_BYTES_PER_TOKEN = 2


@dataclass(frozen=True)
class TokenCounter:
    """Counts tokens with a tokenizer, or estimates them.

    Attributes:
        name: A folder or hub name of a tokenizer, or `None`.
        revision: Branch, tag or commit of the hub's repository; `main` if not given.
    """

    name: str | None
    revision: str | None = None

    @property
    def how(self) -> str:
        """How it counts, for people."""
        if self.name is None:
            return (
                f"estimated: a token for {_ASCII_PER_TOKEN} ASCII characters, and for"
                f" {_BYTES_PER_TOKEN} bytes of others; -o model.tokenizer=... counts them"
            )
        return f"counted by the tokenizer of {self.name}"

    def prompt(self, prompt: Prompt) -> int:
        """Tokens of a prompt; its schema, which few endpoints count, is left out."""
        messages = prompt.messages
        texts = [message["content"] for message in messages]
        return sum(self._counts(texts)) + _PER_MESSAGE * len(messages)

    def text(self, text: str) -> int:
        """Tokens of a text."""
        return self._counts([text])[0]

    def _counts(self, texts: Sequence[str]) -> list[int]:
        if self._encode is None:
            return [_estimate(text) for text in texts]
        return [self._encode(text) for text in texts]

    @cached_property
    def _encode(self) -> Callable[[str], int] | None:
        if self.name is None:
            return None
        from massive_kit.engine.tokenizers import load_tokenizer

        tokenizer: Any = load_tokenizer(self.name, self.revision)
        return lambda text: len(tokenizer(text, add_special_tokens=False).input_ids)


def _estimate(text: str) -> int:
    plain = sum(map(str.isascii, text))
    other = len(text.encode("utf-8", "surrogatepass")) - plain
    return -(-plain // _ASCII_PER_TOKEN) - (-other // _BYTES_PER_TOKEN)
