"""The words that are whole in a vocabulary, by their script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import regex

from massive_kit.errors import ConfigError, Problem

# Scripts that are written without spaces, whose words are found inside a text.
_UNSPACED = ("Hani", "Jpan", "Thai", "Khmr", "Mymr", "Laoo", "Tibt")
# Letters of what is written in more than one script.
_LETTERS = {"Jpan": r"\p{Script=Hira}\p{Script=Kana}ー", "Kore": r"\p{Script=Hang}"}
# One letter is seldom a word, but in Chinese.
_SHORTEST = {"Hani": 1}
_SPACE, _INSIDE = "\u2581", "##"
# Before a word where subwords are bytes, in letters that stand for them: none of them is a word.
_BYTES_SPACE = "\u0120"


def words_by_script(tokenizer: Any, scripts: Sequence[str]) -> dict[str, list[str]]:
    """The subwords that can be words, by script, in the vocabulary's order, each once.

    Args:
        tokenizer: Of SentencePiece, whose words begin with a space (U+2581), or of WordPiece, whose
            other subwords begin with `##`.
        scripts: ISO 15924 codes: `Latn`, `Hani` for Chinese of either kind, `Jpan` for Japanese
            with kana, `Kore` for Hangul.

    Raises:
        ConfigError: The vocabulary does not say where words begin.
    """
    vocabulary: Mapping[str, int] = tokenizer.get_vocab()
    subwords = sorted(vocabulary, key=vocabulary.__getitem__)
    # Some vocabularies hold a few subwords that look like another kind's: those of bytes have `##`.
    marked = {
        mark: sum(subword.startswith(mark) for subword in subwords)
        for mark in (_SPACE, _INSIDE, _BYTES_SPACE)
    }
    mark = max(marked, key=marked.__getitem__)
    if marked[mark] and mark == _SPACE:
        begins = [word.removeprefix(_SPACE) for word in subwords if word.startswith(_SPACE)]
        inside = [word for word in subwords if not word.startswith(_SPACE)]
    elif marked[mark] and mark == _INSIDE:
        begins = [word for word in subwords if not word.startswith(_INSIDE)]
        inside = []
    else:
        problem = Problem(
            "vocabulary",
            f"bytes, with {mark} where words begin"
            if marked[mark]
            else "no mark of where words begin",
            "subwords of SentencePiece (U+2581 before a word) or WordPiece (## inside a word)",
            "take an encoder such as multilingual-e5-small",
        )
        raise ConfigError("there are no words to take from the encoder", [problem])
    special = {*tokenizer.all_special_tokens}
    by_script: dict[str, list[str]] = {}
    for script in dict.fromkeys(scripts):
        letters = _LETTERS.get(script, rf"\p{{Script={script}}}")
        pattern = regex.compile(rf"(?=\p{{L}})[{letters}][{letters}\p{{M}}\p{{Cf}}'\u2019-]*")
        candidates = [*begins, *inside] if script in _UNSPACED else begins
        by_script[script] = [
            *dict.fromkeys(
                word
                for word in candidates
                if len(word) >= _SHORTEST.get(script, 2)
                and word not in special
                and pattern.fullmatch(word)
            )
        ]
    return by_script
