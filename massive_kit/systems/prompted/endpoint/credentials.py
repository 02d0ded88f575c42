"""The endpoint's key, which comes from the environment and goes nowhere but into the request."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from massive_kit.errors import MassiveKitError

VARIABLE = "OPENAI_API_KEY"
# What stands in the place of the key wherever it would be seen.
_HIDDEN = "[key]"
# The client wants one, also for servers that ask for none.
_NO_KEY = "none"
_SHORTEST = 6


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key; neither `repr` nor `str` shows it.

    Attributes:
        key: What is sent.
        given: Whether the environment has one.
    """

    key: str = field(repr=False)
    given: bool

    @classmethod
    def of_environment(cls) -> Credentials:
        """The key of `OPENAI_API_KEY`.

        Raises:
            MassiveKitError: It can be no key.
        """
        key = os.environ.get(VARIABLE, "").strip()
        if not key:
            return cls(_NO_KEY, given=False)
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise MassiveKitError(
                f"{VARIABLE} holds white space or letters that no key has; set it anew"
            )
        return cls(key, given=True)

    def hide(self, text: str) -> str:
        """A text without the key."""
        # A server may send back what it was sent.
        if not self.given or len(self.key) < _SHORTEST:
            return text
        return text.replace(self.key, _HIDDEN)
