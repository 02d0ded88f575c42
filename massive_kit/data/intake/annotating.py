"""Text with spans, or tokens with tags, in bracket notation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.tag_schemes import TagScheme
from massive_kit.data.notation import Segment, name_problem, render
from massive_kit.errors import TagError

# What is noted of a row one of whose tokens cannot stay whole.
DIVIDED = "a token held white space, and now is several"


class AnnotationError(ValueError):
    """The annotation of a row cannot be used; the message holds every reason."""


class AnnotatedText(NamedTuple):
    """An utterance.

    Attributes:
        text: Plain.
        annotated: In bracket notation; `None` where it is not annotated.
        notes: What is not as the row has it.
    """

    text: str
    annotated: str | None
    notes: Sequence[str] = ()


def annotated_text(row: ForeignRow, scheme: TagScheme | None) -> AnnotatedText:
    """Text and annotated text of a row.

    Args:
        row: The row.
        scheme: The tag scheme of the corpus, where it has tags.

    Raises:
        AnnotationError: Tags, spans or tokens are impossible.
    """
    notes: Sequence[str] = ()
    if row.tokens is None:
        text = row.text or ""
        spans = row.spans
    else:
        text, spans = _from_tokens(row, row.tokens, scheme)
        if any(len(token.split()) > 1 for token in row.tokens):
            notes = [DIVIDED]
    return AnnotatedText(text, None if spans is None else in_brackets(text, spans), notes)


def in_brackets(text: str, spans: Sequence[SlotSpan]) -> str:
    """A text in bracket notation.

    Args:
        text: Plain.
        spans: In any order; white space at their ends does not matter.

    Raises:
        AnnotationError: Spans overlap, are empty or not within the text, or the notation cannot
            hold the name of a slot.
    """
    names = {span.slot: name_problem(span.slot) for span in spans}
    problems = [
        f"{name!r:.60} cannot be the name of a slot: {problem}"
        for name, problem in names.items()
        if problem
    ]
    trimmed = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        value = text[max(span.start, 0) : max(span.end, 0)]
        if not 0 <= span.start <= span.end <= len(text):
            problems.append(
                f"{span.slot} from {span.start} to {span.end} is not within the"
                f" {len(text)} characters of the text"
            )
        elif not value.strip():
            problems.append(f"{span.slot} from {span.start} to {span.end} holds no text")
        else:
            start = span.start + len(value) - len(value.lstrip())
            trimmed.append(SlotSpan(start, start + len(value.strip()), span.slot))
    for left, right in pairwise(trimmed):
        if right.start < left.end:
            places = (f"{s.slot} {text[s.start : s.end]!r}" for s in (left, right))
            problems.append(f"{' and '.join(places)} overlap")
    if problems:
        raise AnnotationError("; ".join(problems))
    return render(_segments(text, trimmed))


def _segments(text: str, spans: Sequence[SlotSpan]) -> Iterator[Segment]:
    end = 0
    for span in spans:
        if span.start > end:
            yield Segment(text[end : span.start])
        yield Segment(text[span.start : span.end], span.slot)
        end = span.end
    if end < len(text):
        yield Segment(text[end:])


def _from_tokens(
    row: ForeignRow, tokens: Sequence[str], scheme: TagScheme | None
) -> tuple[str, list[SlotSpan] | None]:
    empty = [str(number) for number, token in enumerate(tokens, 1) if not token.strip()]
    if empty:
        raise AnnotationError(f"token {', '.join(empty)} is empty")
    text = " ".join(tokens) if row.text is None else row.text
    if row.tags is None:
        return text, None
    if len(row.tags) != len(tokens):
        raise AnnotationError(f"{len(tokens)} tokens but {len(row.tags)} tags")
    assert scheme is not None, "recognised from tags such as these"
    try:
        spans = scheme.spans(row.tags)
    except TagError as error:
        raise AnnotationError(str(error)) from None
    places = list(_places(text, tokens))
    return text, [SlotSpan(places[s.start][0], places[s.end - 1][1], s.slot) for s in spans]


def _places(text: str, tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each token stands in the text, with nothing but white space between them."""
    end = 0
    for number, token in enumerate(tokens, 1):
        start = text.find(token, end)
        if start < 0 or text[end:start].strip():
            raise AnnotationError(f"token {number} {token!r} does not come next in the text")
        end = start + len(token)
        yield start, end
    if text[end:].strip():
        raise AnnotationError(f"the text goes on after the last token: {text[end:][:40]!r}")
