"""Where the values of an interpretation stand in the words of an utterance."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.data.notation import OTHER
from massive_kit.data.rewriting import Phrase, rendered
from massive_kit.data.tokens import Tokens
from massive_kit.feedback.interpretations import Interpretation, normalised


def placed(
    interpretation: Interpretation, tokens: Sequence[str], *, characters: bool
) -> Tokens | None:
    """The tokens with the slots of an interpretation; `None` where a value is not in the words.

    Long values are placed first, each where it first stands in words that are still free.

    Args:
        interpretation: What is to be placed.
        tokens: The words.
        characters: Whether their locale is scored by character.
    """
    labels = [OTHER] * len(tokens)
    starts: set[int] = set()
    for slot, value in sorted(interpretation.slots, key=lambda entry: (-len(entry.value), entry)):
        span = _first(value, tokens, labels, characters=characters)
        if span is None:
            return None
        starts.add(span[0])
        labels[span[0] : span[1]] = [slot] * (span[1] - span[0])
    boundaries = (i for i in sorted(starts) if i and labels[i - 1] == labels[i])
    return Tokens(list(tokens), labels, tuple(boundaries))


def _first(
    value: str, tokens: Sequence[str], labels: Sequence[str], *, characters: bool
) -> tuple[int, int] | None:
    bare = "".join(value.split())
    for start in range(len(tokens)):
        letters = ""
        for end in range(start, len(tokens)):
            if labels[end] != OTHER:
                break
            letters += "".join(normalised(tokens[end]).split())
            if not bare.startswith(letters):
                break
            if letters == bare:
                words = Phrase(tuple(tokens[start : end + 1]))
                if normalised(rendered([words], characters=characters)[0]) == value:
                    return start, end + 1
                break
    return None
