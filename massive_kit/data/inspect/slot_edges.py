"""Rows with a slot that begins or ends inside a token, which then holds the whole token.

Reading a row in Python takes long, so that a pattern finds those that may be such rows: where a
bracket stands within a word. In the character-split locales only an ASCII word is a token of more
than one character.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.inspect.locale_rows import PRIVATE_CHARACTERS, Counts, LocaleRows
from massive_kit.data.tokens import tokenise
from massive_kit.errors import NotationError

# What may stand next to a bracket within a word: no other bracket and no white space.
_ANY = r"[^\s\[\]]"
_ASCII = rf"[!-Z\\^-~{PRIVATE_CHARACTERS}]"


def inside_tokens(rows: LocaleRows) -> Counts:
    """1 for each row with a slot that ended inside a token."""
    characters = rows.locale in rows.store.character_locales
    near = _ASCII if characters else _ANY
    candidates = _matches(rows.notation, _within_words(near, ""))
    # The utterance may lack spaces that the annotation has around its slots.
    respaced = np.flatnonzero(rows.respaced)
    spaced = _matches(rows.notation.take(pa.array(respaced)), _within_words(near, r"\s*"))
    candidates[respaced[spaced]] = True
    counts = np.zeros(len(rows), np.int64)
    for row in np.flatnonzero(candidates).tolist():
        annotated, text = rows.annotated[row].as_py(), rows.utterances[row].as_py()
        try:
            counts[row] = bool(tokenise(annotated, characters=characters, text=text).widened)
        except NotationError:
            # Two slots in one token, in a store of an earlier version.
            counts[row] = 1
    return counts


def _within_words(near: str, space: str) -> str:
    opens, closes = rf"\[[^\[\]]*:\s*{near}", rf"{near}\s*\]"
    edges = (rf"{near}{space}{opens}", rf"{closes}{space}{near}", rf"{closes}{space}{opens}")
    return "|".join(edges)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    matches = pc.match_substring_regex(texts, pattern)
    return np.asarray(matches.to_numpy(zero_copy_only=False), bool)
