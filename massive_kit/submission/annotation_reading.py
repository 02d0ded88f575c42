"""Predicted labels by token, from `pred_annot_utt`, where it does not simply fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from massive_kit.data.notation import Segment
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.tokens import Tokens, split_at_brackets, tokenise
from massive_kit.errors import NotationError


def readings(annotated: str, *, characters: bool) -> Iterator[Tokens]:
    """What the tokens of a well-formed annotated utterance may be, the likeliest first.

    Tokens joined by spaces, as the original writes them, and then text as in the data. Where
    brackets stand within words, tokens are those of the text, and then those between brackets.

    Raises:
        NotationError: Two slots share a token of the text.
    """
    units = (False, True) if characters else (False,)
    shared = None
    for by_character in units:
        try:
            yield tokenise(annotated, characters=by_character)
        except NotationError as error:
            shared = error
    for by_character in units:
        yield split_at_brackets(annotated, characters=by_character)
    if shared is not None:
        raise shared


def regroup(by_space: Tokens, utt: Sequence[str]) -> Tokens | None:
    """The label of each token of `utt`, where those hold white space; `None` if they do not fit.

    Some models decode a token to text with a space in it, so that `pred_annot_utt` alone has too
    many tokens.
    """
    labels: list[str] = []
    boundaries = []
    at = 0
    for token in utt:
        words = token.split()
        if not words or by_space.tokens[at : at + len(words)] != words:
            return None
        if at in by_space.boundaries:
            boundaries.append(len(labels))
        labels.append(by_space.labels[at])
        at += len(words)
    if at != len(by_space.tokens):
        return None
    return Tokens(list(utt), labels, tuple(boundaries))


def slot_list(segments: Sequence[Segment], scheme: SpanScheme) -> list[list[str]]:
    """What `pred_slots` has to be: texts and slots in order.

    Under `runs`, touching ones of a slot are one.
    """
    slots: list[list[str]] = []
    before = None
    for segment in segments:
        text = " ".join(segment.text.split())
        if not text:
            continue
        if segment.slot is not None:
            if segment.slot == before and scheme == "runs":
                slots[-1][0] += f" {text}"
            else:
                slots.append([text, segment.slot])
        before = segment.slot
    return slots
