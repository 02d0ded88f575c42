"""Text without white space, in which a second writing of the same text is found again.

Corpora give an utterance twice: as it was said, and cut into tokens that are joined by spaces. Only
white space may differ.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BareText:
    """A text without its white space.

    Attributes:
        text: What is left.
        positions: Where each of its code points stands in the whole text.
    """

    text: str
    positions: list[int]

    @classmethod
    def of(cls, text: str) -> BareText:
        """A text's own."""
        positions = [at for at, character in enumerate(text) if not character.isspace()]
        return cls("".join(map(text.__getitem__, positions)), positions)

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch that is not empty stands in the whole text, as start and end."""
        return self.positions[start], self.positions[end - 1] + 1


def bare(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
