"""The words of a source language as an encoder reads them in its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from massive_kit.errors import UsageError
from massive_kit.runs.source_text import SourceText
from massive_kit.systems.lexicon_induction.words_in_context import ContextReader, ContextualWords

# The layers that are read, as shares of an encoder's depth; how often a word occurs at least; and
# the cosine from which on words mean the same.
DEPTHS, OCCURRENCES, COSINE = (0.4, 0.65, 1.0), 3, 0.4


def source_words(
    reader: ContextReader,
    text: SourceText,
    rows: Sequence[Sequence[str]],
    occurrences: int,
    progress: Callable[[int], None],
) -> ContextualWords:
    """The words that occur often enough.

    Args:
        reader: Reads them.
        text: Whose they are.
        rows: Its tokens.
        occurrences: How often each occurs at least.
        progress: Called with how many texts were read since.

    Raises:
        UsageError: No word occurs as often.
    """
    words = reader.words(rows, progress=progress).often(occurrences)
    if not words.words:
        raise UsageError(
            f"no word of {text.source} in {text.store.name} occurs {occurrences} times"
        )
    return words
