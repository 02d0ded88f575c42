"""Chooses pieces token by token, as a model finds them likely."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field

from massive_kit.systems.prompted.local.shapes import Options, SlotShape, State

Encode = Callable[[str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a model is to decide.

    Attributes:
        read: Tokens to read first.
        tokens: The tokens of which one is to be chosen.
        ahead: Tokens that are likely from here on; the first is one of `tokens`. Empty where none
            are.
    """

    read: tuple[int, ...]
    tokens: tuple[int, ...]
    ahead: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes:
        text: The whole.
        tokens: How many tokens it has.
    """

    text: str
    tokens: int


@dataclass(slots=True)
class _Node:
    """A node of the pieces' tokens; `piece` is the one that ends here."""

    children: dict[int, _Node] = field(default_factory=dict)
    piece: str | None = None


# It yields decisions, is sent the token that was chosen, and returns what was written.
Writing = Generator[Decision, int, Written]


def write(shape: SlotShape, encode: Encode) -> Writing:
    """Writes the slots of an utterance. Where there is no choice, the model is not asked."""
    state, text, count = State(), "", 0
    unread: list[int] = []
    while options := shape.options(state):
        node = root = _tree(options, encode)
        while True:
            alternatives = _alternatives(node, shape, options, encode)
            if not node.children:
                break
            if len(alternatives) == 1:
                (token,) = alternatives
            else:
                likely = shape.likely(state) if node is root else ()
                ahead = tuple(token for piece in likely for token in encode(piece))
                token = yield Decision(tuple(unread), tuple(alternatives), ahead)
                unread = []
            if token not in node.children:
                # What follows the piece that ends here.
                break
            unread.append(token)
            count += 1
            node = node.children[token]
        assert node.piece is not None
        text += node.piece
        state = options[node.piece]
    return Written(text, count)


def _tree(pieces: Iterable[str], encode: Encode) -> _Node:
    root = _Node()
    for piece in pieces:
        node = root
        for token in encode(piece):
            node = node.children.setdefault(token, _Node())
        if node.piece is None:
            node.piece = piece
    return root


def _alternatives(node: _Node, shape: SlotShape, options: Options, encode: Encode) -> list[int]:
    """The tokens that may come next: of longer pieces, or behind the piece that ends here."""
    tokens = list(node.children)
    if node.piece is not None and tokens:
        behind = shape.options(options[node.piece])
        firsts = {encode(piece)[0] for piece in behind}
        tokens += sorted(firsts - {*tokens})
    return tokens
