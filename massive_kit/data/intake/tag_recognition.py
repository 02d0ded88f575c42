"""Which tag scheme a corpus is in, told from all of its tags.

Only tags and pairs of neighbours are counted, so that memory does not grow with the corpus.

The rule. Letters are believed where most slot tags have one, in one spelling, and
- some slot stands with two letters (`B-time` and `I-time`), or
- there is a single letter throughout: `B-` or `I-`, or any over at least three slots.
So `E_mail` and `B_side` are names. Of all schemes the one wins under which the fewest tags are
impossible (a letter that it lacks, or a neighbour that it does not allow); a few impossible tags in
a corpus that is IOB2 otherwise are thereby mistakes of their rows, and no reason to call it IOB1.
Letters without any B or its like (`I-time` alone) cannot say boundaries; they are called IO.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from massive_kit.data.intake.tag_schemes import (
    OUTSIDE,
    SCHEMES,
    LetterRules,
    Spelling,
    TagParts,
    TagScheme,
)
from massive_kit.errors import TagError

# The largest inventories in use have a few hundred slots.
MAX_TAGS = 5_000
MAX_PAIRS = 500_000
# In order of preference.
SPELLINGS = tuple(
    Spelling(separator, letter_first=first, lower=lower)
    for lower, first, separator in product((False, True), (True, False), "-_")
)
_LETTERS = frozenset("".join(rules.letters for rules in SCHEMES))
# Slots that a single letter must stand before to be more than the start of their names.
_MANY_SLOTS = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """A scheme in a spelling, and how the corpus looks through it."""

    scheme: TagScheme
    two_letters: bool
    read: int
    impossible: int
    joined: bool


def _plausibility(reading: _Reading) -> tuple[bool, int, int]:
    return reading.two_letters, reading.read, -reading.impossible


class TagCounter:
    """Takes the tags of a corpus row by row, and then decides."""

    def __init__(self) -> None:
        self._pairs: Counter[tuple[str | None, str | None]] = Counter()
        self._tags: Counter[str] = Counter()

    def add(self, tags: Sequence[str]) -> None:
        """Counts the tags of an utterance.

        Raises:
            TagError: There are so many tags that they are something else.
        """
        self._tags.update(tags)
        self._pairs.update(pairwise([None, *tags, None]))
        if len(self._tags) > MAX_TAGS or len(self._pairs) > MAX_PAIRS:
            count = f"{len(self._tags):,}"
            raise TagError(f"already {count} different tags; is this the column of tags?")

    def decide(self) -> TagScheme:
        """The scheme that the tags are in.

        Raises:
            TagError: They have letters, but no scheme can read half of them, or only with upper and
            lower case taken together; or they name no slot.
        """
        slots = {tag: count for tag, count in self._tags.items() if tag not in OUTSIDE}
        if not slots:
            return TagScheme()
        if slots.keys() <= _LETTERS and slots.keys() & {"B", "I"}:
            letters = ", ".join(sorted(slots))
            raise TagError(f"the tags {letters} name no slot; write B-slot, I-slot and O")
        total = sum(slots.values())
        readings = [
            reading
            for spelling in SPELLINGS
            if (reading := self._best(spelling, slots, total)) is not None
        ]
        possible = [reading for reading in readings if reading.impossible * 2 <= total]
        if possible:
            return max(possible, key=_plausibility).scheme
        _refuse_both_cases(slots, total)
        mixed = next((reading for reading in readings if reading.joined), None)
        if mixed:
            raise TagError(
                f"the tags fit {mixed.scheme} best, and yet make {mixed.impossible:,} mistakes in"
                f" {total:,} tags; are several tag schemes mixed?"
            )
        return TagScheme(mixed_in=_mixed_in(slots))

    def _best(self, spelling: Spelling, slots: Mapping[str, int], total: int) -> _Reading | None:
        """The scheme that fits best in a spelling, or `None` where letters are not believed."""
        parts = _parts(spelling, slots)
        read = sum(slots[tag] for tag in parts)
        letters_of = _letters_of(parts.values())
        two_letters = any(len(letters) > 1 for letters in letters_of.values())
        if read * 2 <= total or not (
            two_letters or (read == total and _convincing_alone(spelling, letters_of))
        ):
            return None
        impossible = {
            rules.name: total - read + self._impossible(rules, parts) for rules in SCHEMES
        }
        rules = min(SCHEMES, key=lambda rules: impossible[rules.name])
        joined = any(
            left in parts
            and right in parts
            and parts[left].slot == parts[right].slot
            and parts[left].letter != parts[right].letter
            for left, right in self._pairs
            if left and right
        )
        return _Reading(
            TagScheme(rules, spelling), two_letters, read, impossible[rules.name], joined
        )

    def _impossible(self, rules: LetterRules, parts: Mapping[str, TagParts]) -> int:
        """How many tags a scheme does not allow."""
        impossible = 0
        for (left_tag, right_tag), count in self._pairs.items():
            left = parts.get(left_tag) if left_tag else None
            right = parts.get(right_tag) if right_tag else None
            if right and (right.letter not in rules.letters or rules.lacks_before(left, right)):
                impossible += count
            if left and left.letter in rules.letters and rules.lacks_after(left, right):
                impossible += count
        return impossible


def recognise(tag_rows: Iterable[Sequence[str]]) -> TagScheme:
    """The scheme of a corpus, from the tags of all its utterances.

    Raises:
        TagError: As `TagCounter`.
    """
    counter = TagCounter()
    for tags in tag_rows:
        counter.add(tags)
    return counter.decide()


def looks_like_tags(values: Sequence[str]) -> bool:
    """Whether all values are tags with letters or marks of the outside, not all empty."""
    counts = Counter(value for value in values if value not in OUTSIDE)
    if len(counts) > MAX_TAGS:
        return False
    return any(values) and any(
        len(_parts(spelling, counts)) == len(counts) for spelling in SPELLINGS
    )


def _parts(spelling: Spelling, tags: Iterable[str]) -> dict[str, TagParts]:
    """The tags that are a letter of some scheme and a name, in a spelling."""
    parts = ((tag, spelling.split(tag)) for tag in tags)
    return {tag: read for tag, read in parts if read and read.letter in _LETTERS}


def _letters_of(parts: Iterable[TagParts]) -> dict[str, set[str]]:
    """The letters that each slot stands with."""
    letters_of: dict[str, set[str]] = defaultdict(set)
    for letter, slot in parts:
        letters_of[slot].add(letter)
    return letters_of


def _convincing_alone(spelling: Spelling, letters_of: Mapping[str, set[str]]) -> bool:
    letters = set().union(*letters_of.values())
    if len(letters) != 1:
        return False
    usual = letters <= {"B", "I"} and spelling == Spelling()
    return usual or len(letters_of) >= _MANY_SLOTS


def _refuse_both_cases(slots: Mapping[str, int], total: int) -> None:
    """Refuses tags most of which have letters, some of them upper case and some lower."""
    for upper in (spelling for spelling in SPELLINGS if not spelling.lower):
        of_upper, of_lower = _parts(upper, slots), _parts(replace(upper, lower=True), slots)
        letters_of = _letters_of([*of_upper.values(), *of_lower.values()])
        # Otherwise these are the beginnings of names, such as `E-mail` and `e-book`.
        both = {tag.slot for tag in of_upper.values()} & {tag.slot for tag in of_lower.values()}
        read = sum(slots[tag] for tag in (*of_upper, *of_lower))
        if both and read * 2 > total and any(len(letters_of[slot]) > 1 for slot in both):
            raise TagError(
                f"upper and lower case are mixed in the letters of tags: {min(of_upper)!r} and"
                f" {min(of_lower)!r}; write one of the two throughout"
            )


def _mixed_in(slots: Mapping[str, int]) -> frozenset[str]:
    """Among plain names, tags with a letter.

    Those are `B-time` where `time` is a tag, too, or stands with another letter. Other spellings
    are common in names (`E_mail` and `mail`), so both is asked of them.
    """
    mixed = set()
    for spelling in SPELLINGS:
        parts = _parts(spelling, slots)
        letters_of = _letters_of(parts.values())
        for tag, (_, slot) in parts.items():
            signs = (slot in slots, len(letters_of[slot]) > 1)
            if all(signs) or (any(signs) and spelling == Spelling()):
                mixed.add(tag)
    return frozenset(mixed)
