"""Reads what an endpoint sends back, which may be anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from massive_kit.systems.prompted.answer_text import LONGEST

# No honest answer of a few hundred tokens is larger, with all that servers wrap around it.
MOST_BYTES = 2_000_000
_MOST_TOKENS = 1_000_000_000
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Completion:
    """What a response says.

    Attributes:
        text: What the model wrote.
        finish: Why it ended.
        model: What the endpoint calls it.
        prompt_tokens: As the endpoint counted, or `None`.
        answer_tokens: Likewise.
    """

    text: str
    finish: str
    model: str
    prompt_tokens: int | None
    answer_tokens: int | None


def read_completion(raw: bytes) -> Completion | None:
    """What a response says; `None` where it is no completion.

    Broken Unicode becomes U+FFFD, so that an answer that came is not asked for again.
    """
    try:
        value = json.loads(raw.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    choices = value.get("choices") if isinstance(value, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return None
    message = choice.get("message")
    text, refusal = _content(message if isinstance(message, dict) else choice)
    if text is None:
        return None
    usage = value.get("usage")
    counts = usage if isinstance(usage, dict) else {}
    finish = "refused" if refusal else choice.get("finish_reason")
    return Completion(
        _whole(text)[:LONGEST],
        _whole(str(finish or "stop"))[:40],
        _whole(str(value.get("model") or ""))[:200],
        _count(counts.get("prompt_tokens")),
        _count(counts.get("completion_tokens")),
    )


def error_message(body: object) -> str:
    """What an endpoint says of a request that it refuses, in a line."""
    value: Any = body
    for key in ("error", "message", "detail"):
        if isinstance(value, Mapping) and key in value:
            value = value[key]
    text = " ".join(_whole(str(value or "")).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _content(message: Mapping[str, Any]) -> tuple[str | None, bool]:
    """The text of a message, and whether it is a refusal."""
    content = message.get("content", message.get("text"))
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        content = "".join(part for part in parts if isinstance(part, str))
    if isinstance(content, str):
        return content, False
    if isinstance(message.get("refusal"), str):
        return message["refusal"], True
    # A model that thinks and is cut before it answers has no content.
    return ("", False) if "content" in message and content is None else (None, False)


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= _MOST_TOKENS else None


def _whole(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
