"""What an endpoint understands: servers and vendors differ in a few keys of a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from massive_kit.systems.prompted.asking import Prompt
from massive_kit.systems.prompted.recipe import Decoding

_LIMITS: tuple[Literal["max_tokens", "max_completion_tokens"], ...] = (
    "max_tokens",
    "max_completion_tokens",
)
_ABOUT_STRUCTURE = (
    "response_format",
    "json_schema",
    "json schema",
    "grammar",
    "structured",
    "guided",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which keys a request has.

    Attributes:
        structured: Whether it asks for an answer that fits a JSON schema.
        limit: The key that bounds an answer.
        temperature: Whether it says a temperature.
        seed: Whether it says a seed.
    """

    structured: bool = True
    limit: str = _LIMITS[0]
    temperature: bool = True
    seed: bool = True

    @classmethod
    def from_json(cls, text: str | None) -> Dialect:
        """What `to_json` gave; the usual one where nothing is kept."""
        try:
            values = orjson.loads(text or "{}")
            dialect = cls(**values)
        except (ValueError, TypeError):
            return cls()
        return dialect if dialect.limit in _LIMITS else cls()

    def to_json(self) -> str:
        """As it is kept beside answers, so that a refusal need not be met twice."""
        values = {
            "structured": self.structured,
            "limit": self.limit,
            "temperature": self.temperature,
            "seed": self.seed,
        }
        return orjson.dumps(values).decode()

    def body(self, model: str, prompt: Prompt, decoding: Decoding) -> dict[str, Any]:
        """The keys of a request, but for those that only its server knows."""
        body: dict[str, Any] = {"model": model, "messages": prompt.messages}
        body[self.limit] = decoding.max_tokens
        if self.temperature:
            body["temperature"] = decoding.temperature
        if self.seed and decoding.seed is not None:
            body["seed"] = decoding.seed
        if self.structured and decoding.structured == "auto" and prompt.form == "json":
            schema = {"name": "answer", "strict": True, "schema": prompt.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def without(self, body: dict[str, Any], complaint: str) -> Dialect | None:
        """A dialect without what the endpoint complains of; `None` where that is something else.

        Args:
            body: The request that was refused.
            complaint: What the endpoint says of it.
        """
        complaint = complaint.casefold()
        if "response_format" in body and any(words in complaint for words in _ABOUT_STRUCTURE):
            return self.freely()
        if _LIMITS[1] in complaint and _LIMITS[0] in body:
            return replace(self, limit=_LIMITS[1])
        if "temperature" in complaint and "temperature" in body:
            return replace(self, temperature=False)
        if "seed" in complaint and "seed" in body:
            return replace(self, seed=False)
        return None

    def freely(self) -> Dialect:
        """A dialect in which answers are not held to a schema."""
        return replace(self, structured=False)
