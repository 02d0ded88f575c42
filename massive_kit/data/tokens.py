"""Tokens and labels, the scoring unit.

Text splits at white space. In the character-split locales (ja-JP, zh-CN, zh-TW) a word with any
non-ASCII character splits into its code points and an ASCII word stays whole. Tokens come from the
text alone, never from where its slots are; a slot that ends inside a token is widened to it. In
MASSIVE, whose slots hold whole tokens, that is the rule of the original's data preparation, but for
its mislabelled rows in ja-JP, zh-CN and zh-TW, which `alexa_labels` reproduces for comparison with
published numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.data import notation
from massive_kit.data.notation import Segment, parse
from massive_kit.data.span_schemes import SpanScheme, runs_of
from massive_kit.errors import NotationError

OTHER = notation.OTHER


@dataclass(frozen=True, slots=True)
class Tokens:
    """An utterance as the scorer sees it.

    Attributes:
        tokens: Its tokens.
        labels: A slot's name or `Other` for each token.
        boundaries: The tokens that begin a span directly after a span of the same slot.
        widened: The tokens of which a slot held only a part.
    """

    tokens: list[str]
    labels: list[str]
    boundaries: tuple[int, ...] = ()
    widened: tuple[int, ...] = ()


def split(text: str, *, characters: bool) -> list[str]:
    """The tokens of plain text; `characters` is true for the character-split locales."""
    words = text.split()
    if not characters or text.isascii():
        return words
    tokens: list[str] = []
    for word in words:
        if word.isascii():
            tokens.append(word)
        else:
            tokens.extend(word)
    return tokens


def tokenise(annotated: str, *, characters: bool, text: str | None = None) -> Tokens:
    """Tokens and labels of an annotated utterance.

    Args:
        annotated: The utterance with its slots in brackets.
        characters: Whether its locale is split into characters.
        text: The utterance itself, where it is at hand: it may differ in white space.

    Raises:
        NotationError: The brackets cannot be read, or two slots share a token.
    """
    segments = parse(annotated)
    plain = "".join(segment.text for segment in segments)
    if text is None or text == plain:
        text = plain
        if not _joined(segments):
            return _cut(segments, characters=characters)
    tokens = split(text, characters=characters)
    if sum(map(len, tokens)) != len("".join(plain.split())):
        message = "the utterance and the annotated utterance are of different text"
        raise NotationError("malformed", message, 0)
    return _laid(tokens, segments)


def split_at_brackets(annotated: str, *, characters: bool) -> Tokens:
    """As `tokenise`, but a bracket ends a token: how models write that put no space around slots.

    Raises:
        NotationError: The brackets cannot be read.
    """
    return _cut(parse(annotated), characters=characters)


def _joined(segments: Sequence[Segment]) -> bool:
    """Whether a slot begins or ends where no white space is."""
    before = " "
    for segment in segments:
        if not before.isspace() and not segment.text[0].isspace():
            return True
        before = segment.text[-1]
    return False


def _cut(segments: Sequence[Segment], *, characters: bool) -> Tokens:
    tokens: list[str] = []
    labels: list[str] = []
    boundaries = []
    for segment in segments:
        words = split(segment.text, characters=characters)
        if words and segment.slot is not None and labels and labels[-1] == segment.slot:
            boundaries.append(len(tokens))
        tokens += words
        labels += [segment.slot or OTHER] * len(words)
    return Tokens(tokens, labels, tuple(boundaries))


def _laid(tokens: list[str], segments: Sequence[Segment]) -> Tokens:
    """Slots laid on tokens, character by character; white space counts for nothing."""
    owners = [
        number
        for number, segment in enumerate(segments)
        for character in segment.text
        if not character.isspace()
    ]
    labels: list[str] = []
    boundaries, widened = [], []
    start, before = 0, -1
    for position, token in enumerate(tokens):
        inside = owners[start : start + len(token)]
        start += len(token)
        spans = sorted({number for number in inside if segments[number].slot is not None})
        if len(spans) > 1:
            names = " and ".join(f"[{segments[n].slot} : {segments[n].text}]" for n in spans)
            raise NotationError("shared", f"{names} share the token {token!r}", 0)
        span = spans[0] if spans else -1
        slot = segments[span].slot if spans else None
        if spans and any(segments[number].slot is None for number in inside):
            widened.append(position)
        if slot is not None and span != before and labels and labels[-1] == slot:
            boundaries.append(position)
        labels.append(slot or OTHER)
        before = span
    return Tokens(tokens, labels, tuple(boundaries), tuple(widened))


def annotate(tokens: Sequence[str], labels: Sequence[str], scheme: SpanScheme = "runs") -> str:
    """Tokens and labels in bracket notation, joined by spaces, as prediction files carry it.

    Under `runs`, neighbours with the same slot become one slot, as in the original.

    Raises:
        ValueError: There are more tokens than labels, or fewer.
    """
    if len(tokens) != len(labels):
        raise ValueError(f"{len(tokens)} tokens and {len(labels)} labels")
    parts = []
    for start, end, label in runs_of(labels, scheme):
        text = notation.escape(" ".join(tokens[start:end]))
        parts.append(text if label == OTHER else f"[{label} : {text}]")
    return " ".join(parts)


def alexa_labels(annotated: str) -> list[str]:
    """Labels of a character-split utterance as the original's `create_hf_dataset.py` makes them.

    Its defect: an ASCII word that closes a slot does not reset the label, so that the slot runs on
    to the next bracket. Kept only so that numbers scored with it can be matched.
    """
    labels: list[str] = []
    label = OTHER
    words = iter(annotated.split())
    for word in words:
        if word.startswith("["):
            label = word.lstrip("[")
            next(words, None)
        elif word.isascii():
            labels.append(label)
        else:
            for character in word:
                if character == "]":
                    label = OTHER
                else:
                    labels.append(label)
    return labels
