r"""Parses as TOP, TOPv2 and MTOP write them: `[IN:CREATE_ALARM wake me [SL:DATE_TIME at 5 am ] ]`.

`[IN:` and `[SL:` open, `]` closes; brackets of the text itself are written `\[` and `\]`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from massive_kit.data.intake.bare_text import BareText, bare
from massive_kit.data.intake.foreign_rows import SlotSpan

_MARK = re.compile(r"\\[\[\]]|\[(?:(?P<name>(?:IN|SL):[^\s\[\]\\]+))?|\]")
# Real parses nest four times.
_MAX_DEPTH = 64
# What a reader notes of a row whose parse says more than labels can.
NESTED = "slots within slots left out, the outermost kept"
# What these corpora call their development set, as in `alarm_eval.tsv`.
_EVAL = re.compile(r"(?:.*[._-])?eval(?:[._-].*)?", re.IGNORECASE)


class ParseError(ValueError):
    """A parse cannot be read."""


@dataclass(slots=True)
class ParseNode:
    """An intent or a slot of a parse.

    Attributes:
        name: Such as `IN:CREATE_ALARM`.
        start: Where it begins in the text of the parse, which has no white space.
        end: One past where it ends.
        children: What is nested in it.
    """

    name: str
    start: int
    end: int = 0
    children: list[ParseNode] = field(default_factory=list)

    @property
    def slots(self) -> list[ParseNode]:
        """The slots in it that are in no other slot."""
        slots: list[ParseNode] = []
        for child in self.children:
            slots += [child] if child.name.startswith("SL:") else child.slots
        return slots

    @property
    def leaves(self) -> list[ParseNode]:
        """What is in it, at any depth, that has nothing in it but text."""
        below = [leaf for child in self.children for leaf in child.leaves]
        return below if self.children else [self]


@dataclass(frozen=True, slots=True)
class SemanticParse:
    """A parse.

    Attributes:
        intent: The outermost intent, and in it all others and the slots.
        text: All text, in the order of the parse, without white space.
    """

    intent: ParseNode
    text: str

    @property
    def nested(self) -> bool:
        """Whether a slot has anything in it but text."""
        return any(slot.children for slot in self.intent.slots)

    def text_of(self, node: ParseNode) -> str:
        """What stands in a part of it, without white space."""
        return self.text[node.start : node.end]

    def spans_in(self, text: str) -> Sequence[SlotSpan] | None:
        """The outermost slots, in an utterance that the parse holds whole; else `None`."""
        bare_text = BareText.of(text)
        if self.text != bare_text.text or any(slot.start == slot.end for slot in self.intent.slots):
            return None
        return [
            SlotSpan(*bare_text.whole(slot.start, slot.end), slot.name)
            for slot in self.intent.slots
        ]


def read_parse(text: str) -> SemanticParse:
    """A parse as it is written.

    Raises:
        ParseError: The brackets do not make one intent.
    """
    root = ParseNode("", 0)
    path = [root]
    pieces: list[str] = []
    length = end = 0
    for match in _MARK.finditer(text):
        escaped = match[0][1] if match[0][0] == "\\" else ""
        pieces.append(bare(text[end : match.start()]) + escaped)
        length += len(pieces[-1])
        end = match.end()
        if pieces[-1] and len(path) == 1:
            raise ParseError(f"{pieces[-1][:40]!r} stands outside of the brackets")
        if match[0] == "]":
            path.pop().end = length
            if not path:
                raise ParseError(f"a ']' without its '[' (character {match.start() + 1})")
        elif not escaped:
            node = ParseNode(_name(match), length)
            path[-1].children.append(node)
            path.append(node)
            if len(path) > _MAX_DEPTH:
                raise ParseError(f"brackets within brackets, more than {_MAX_DEPTH} times")
    rest = bare(text[end:])
    if len(path) > 1:
        raise ParseError(f"[{path[-1].name} has no ']'")
    if rest:
        raise ParseError(f"{rest[:40]!r} stands outside of the brackets")
    if len(root.children) != 1 or not root.children[0].name.startswith("IN:"):
        raise ParseError(f"{len(root.children)} outer brackets instead of one [IN: ]")
    return SemanticParse(root.children[0], "".join(pieces))


def partition_in(path: PurePosixPath) -> str | None:
    """`dev` where the name of a file has `eval` in it; what else names say is known anyway."""
    return "dev" if _EVAL.fullmatch(path.name) else None


def _name(opening: re.Match[str]) -> str:
    name: str | None = opening["name"]
    if name is None:
        where = f"character {opening.start() + 1}; one of the text is written \\["
        raise ParseError(f"a '[' without IN: or SL: ({where})")
    return name
