"""Dictionaries read from their translations to their entries, for text of the other language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from massive_kit.data.lexicons.glossing import Choices, plain
from massive_kit.data.lexicons.lexicon import MOST_WORDS, Lexicon


def entry_counts(
    rows: Iterable[Sequence[str]], lemmas: Mapping[str, str] | None = None
) -> Mapping[str, int]:
    """How often all that could be an entry occurs in a text: every run of up to `MOST_WORDS` words.

    Args:
        rows: The tokens of each utterance.
        lemmas: By form, the lemma that occurs with it.
    """
    counts: Counter[str] = Counter()
    for tokens in rows:
        words = [plain(token) for token in tokens]
        for count in range(1, MOST_WORDS + 1):
            for start in range(len(words) - count + 1):
                counts[" ".join(words[start : start + count])] += 1
    forms = {form: lemma for form, lemma in (lemmas or {}).items() if form != lemma}
    of_lemmas: Counter[str] = Counter()
    for form, lemma in forms.items():
        of_lemmas[lemma] += counts.get(form, 0)
    return counts + of_lemmas


def reversed_lexicon(
    lexicon: Lexicon, counts: Mapping[str, int], most: int = 1
) -> dict[str, Choices]:
    """For each translation the entries that may stand for it, first that which is likeliest to.

    An entry counts by the logarithm of how often it occurs, less that of the translation's rank:
    what occurs often, and has the translation early, comes first.
    Words of a domain mean there what they mean in the text that is counted: of all entries that
    have `Wecker`, an assistant's users mean the alarm.

    Args:
        lexicon: The dictionary.
        counts: As `entry_counts` gives them; what does not occur stands for nothing.
        most: So many entries of a translation.

    Returns:
        By translation, as `plain` has it.
    """
    scores: dict[str, dict[str, float]] = {}
    for entry, translations in lexicon.lowered.items():
        often = counts.get(entry, 0)
        if not often:
            continue
        for rank, translation in enumerate(translations, start=1):
            word, score = plain(translation), math.log1p(often) - math.log(rank)
            if word:
                of_word = scores.setdefault(word, {})
                of_word[entry] = max(score, of_word.get(entry, score))
    return {
        word: tuple(sorted(of_word, key=of_word.__getitem__, reverse=True)[:most])
        for word, of_word in scores.items()
    }
