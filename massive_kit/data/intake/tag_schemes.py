"""Tag schemes: how one tag for each token says where spans begin and end.

A tag is a letter and a slot's name (`B-time`, `B_time`, `time-B`), a name alone (`time`), or a mark
for tokens outside of any slot (`O`). Each scheme allows some neighbours and no others; what it does
not allow is refused here, never guessed at. Which scheme a corpus is in, `tag_recognition` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from massive_kit.errors import TagError

OUTSIDE = frozenset({"O", "o", "Other", "_", "NoLabel", ""})
# More mistakes of one row than a reader wants to see.
_MAX_TOLD = 3


class TagSpan(NamedTuple):
    """A slot over neighbouring tokens.

    Attributes:
        start: Its first token.
        end: One past its last token.
        slot: Its name.
    """

    start: int
    end: int
    slot: str


class TagParts(NamedTuple):
    """A tag in parts.

    Attributes:
        letter: In capitals, such as `B`; "" where tags are names alone.
        slot: The slot's name.
    """

    letter: str
    slot: str


@dataclass(frozen=True, slots=True)
class Spelling:
    """How letter and name are put together.

    Attributes:
        separator: What stands between them, `-` or `_`.
        letter_first: `B-time`, not `time-B`.
        lower: Letters are small, `b-time`.
    """

    separator: str = "-"
    letter_first: bool = True
    lower: bool = False

    def split(self, tag: str) -> TagParts | None:
        """Letter and name, or `None` where the tag is not spelled like this.

        Only the outermost separator counts: `I-LOC-city` is `I` and `LOC-city`.
        """
        if self.letter_first:
            letter, separator, slot = tag[:1], tag[1:2], tag[2:]
        else:
            letter, separator, slot = tag[-1:], tag[-2:-1], tag[:-2]
        if separator != self.separator or not slot or not letter.isalpha():
            return None
        if letter.islower() != self.lower:
            return None
        return TagParts(letter.upper(), slot)

    def join(self, letter: str, slot: str) -> str:
        """The tag; the inverse of `split`."""
        letter = letter.lower() if self.lower else letter
        parts = (letter, slot) if self.letter_first else (slot, letter)
        return self.separator.join(parts)


@dataclass(frozen=True, slots=True)
class LetterRules:
    """What the letters of a scheme mean, and beside which they may stand.

    Attributes:
        name: The scheme's name, such as `IOB2`.
        letters: All of its letters, in the order in which they are told.
        begins: Letters that begin a span whatever stands before them.
        ends: Letters that end a span whatever stands after them.
        needs_before: Letters that stand only after a tag of the same slot that can go on.
        needs_after: Letters that stand only before a tag of the same slot that can carry it on.
        says_boundaries: Whether two touching spans of one slot can be told from one.
    """

    name: str
    letters: str
    begins: str = ""
    ends: str = ""
    needs_before: str = ""
    needs_after: str = ""
    says_boundaries: bool = True

    def joined(self, left: TagParts | None, right: TagParts | None) -> bool:
        """Whether `right` goes on with the span of `left`."""
        return (
            left is not None
            and right is not None
            and left.slot == right.slot
            and left.letter not in self.ends
            and right.letter not in self.begins
        )

    def lacks_before(self, left: TagParts | None, tag: TagParts) -> bool:
        """Whether `tag` may not stand after `left` (`None` outside of slots)."""
        if tag.letter not in self.needs_before:
            return False
        return left is None or left.slot != tag.slot or left.letter in self.ends

    def lacks_after(self, tag: TagParts, right: TagParts | None) -> bool:
        """Whether `tag` may not stand before `right` (`None` outside of slots)."""
        if tag.letter not in self.needs_after:
            return False
        return right is None or right.slot != tag.slot or right.letter in self.begins


def _four(name: str, begin: str, inside: str, end: str, single: str) -> LetterRules:
    return LetterRules(
        name,
        begin + inside + end + single,
        begins=begin + single,
        ends=end + single,
        needs_before=inside + end,
        needs_after=begin + inside,
    )


# Where two read a corpus alike, the first is named.
SCHEMES = (
    LetterRules("IOB2", "BI", begins="B", needs_before="I"),
    _four("IOBES", "B", "I", "E", "S"),
    _four("BILOU", "B", "I", "L", "U"),
    _four("BMES", "B", "M", "E", "S"),
    LetterRules("IOE2", "IE", ends="E", needs_after="I"),
    LetterRules("IO", "I", says_boundaries=False),
    LetterRules("IOB1", "IB", begins="B", needs_before="B"),
    LetterRules("IOE1", "IE", ends="E", needs_after="E"),
)


@dataclass(frozen=True, slots=True)
class TagScheme:
    """A scheme as a corpus spells it; reads the tags of an utterance.

    Attributes:
        rules: The letters; `None` where tags are names alone, so that spans are maximal runs.
        spelling: How letter and name are put together.
        mixed_in: With names alone: tags that are a letter and a name all the same.
    """

    rules: LetterRules | None = None
    spelling: Spelling = field(default_factory=Spelling)
    mixed_in: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name for messages, such as `IOB2`."""
        return self.rules.name if self.rules else "plain names"

    @property
    def says_boundaries(self) -> bool:
        """Whether two touching spans of one slot can be told from one."""
        return self.rules is not None and self.rules.says_boundaries

    def __str__(self) -> str:
        """Name and spelling, such as `IOB2 (B-slot, I-slot)`."""
        return (
            f"{self.name} ({self._tags('slot', self.rules.letters)})" if self.rules else self.name
        )

    def spans(self, tags: Sequence[str]) -> list[TagSpan]:
        """The spans of an utterance, in order.

        Raises:
            TagError: The scheme has no such tags, or not in this order; names tokens from 1.
        """
        parts, mistakes = self._parts(tags)
        rules = self.rules
        if rules and not mistakes:
            mistakes = list(self._disorder(rules, tags, parts))
        if mistakes:
            more = len(mistakes) - _MAX_TOLD
            reasons = mistakes[:_MAX_TOLD] + ([f"{more} more mistakes"] if more > 0 else [])
            raise TagError("; ".join(reasons))
        starts = []
        for place, (left, right) in enumerate(pairwise([None, *parts])):
            goes_on = rules.joined(left, right) if rules else left == right
            if right is not None and not goes_on:
                starts.append(place)
        spans = []
        for start, following in pairwise([*starts, len(parts)]):
            end = start
            while end < following and parts[end] is not None:
                end += 1
            first = parts[start]
            assert first is not None
            spans.append(TagSpan(start, end, first.slot))
        return spans

    def _parts(self, tags: Sequence[str]) -> tuple[list[TagParts | None], list[str]]:
        """Letter and name of each tag, and what cannot be read."""
        parts: list[TagParts | None] = []
        mistakes = []
        for number, tag in enumerate(tags, 1):
            if tag in OUTSIDE:
                parts.append(None)
            elif self.rules is None:
                parts.append(TagParts("", tag))
                if tag in self.mixed_in:
                    mistakes.append(f"token {number} has {tag!r} in a corpus of plain names")
            else:
                read = self.spelling.split(tag)
                parts.append(read)
                if read is None or read.letter not in self.rules.letters:
                    mistakes.append(f"token {number} has {tag!r}, which is no tag of {self}")
        return parts, mistakes

    def _disorder(
        self, rules: LetterRules, tags: Sequence[str], parts: Sequence[TagParts | None]
    ) -> Iterator[str]:
        """Tags that stand where the scheme does not have them."""
        for place, tag in enumerate(parts):
            if tag is None:
                continue
            if rules.lacks_before(parts[place - 1] if place else None, tag):
                before = f"after {tags[place - 1]!r}" if place else "at the start"
                letters = "".join(letter for letter in rules.letters if letter not in rules.ends)
                wanted = f"{rules.name} has it only after {self._tags(tag.slot, letters, ' or ')}"
                yield f"token {place + 1} has {tags[place]!r} {before}; {wanted}"
            if rules.lacks_after(tag, parts[place + 1] if place + 1 < len(parts) else None):
                after = f"before {tags[place + 1]!r}" if place + 1 < len(parts) else "at the end"
                letters = "".join(letter for letter in rules.letters if letter not in rules.begins)
                wanted = f"{rules.name} has it only before {self._tags(tag.slot, letters, ' or ')}"
                yield f"token {place + 1} has {tags[place]!r} {after}; {wanted}"

    def _tags(self, slot: str, letters: str, between: str = ", ") -> str:
        return between.join(self.spelling.join(letter, slot) for letter in letters)
