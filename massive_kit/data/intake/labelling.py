"""Tokens of rows, from the text alone, and the labels laid on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.intake.token_columns import (
    TokenColumns,
    mended,
    split_column,
    tokenise_column,
)
from massive_kit.data.notation import OTHER
from massive_kit.data.tokens import Tokens, split, tokenise

# A bracket after an odd number of backslashes is text.
_OTHER_SLOT = r"(?:^|[^\\])(?:\\\\)*\[\s*" + OTHER + r"\s*:"
_STRINGS = pa.list_(pa.string())
_POSITIONS = pa.list_(pa.int32())


def label_rows(
    columns: dict[str, Any],
    labelled: NDArray[np.bool_],
    characters: NDArray[np.bool_],
    refuse: Callable[[Iterable[Any], str], None],
) -> TokenColumns:
    """Tokens of all rows, with labels where there are some.

    Args:
        columns: The columns `utt` and `annot_utt`, as Arrow arrays of n rows.
        labelled: Shape (n,), which rows have an annotated utterance.
        characters: Shape (n,), which rows are of a locale that is split into characters.
        refuse: Takes rows and what is wrong with them.
    """
    kinds = characters.astype(np.int8) * 2 + labelled
    parts = []
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        text = columns["annot_utt" if kind & 1 else "utt"].fill_null("")
        texts = text if len(rows) == len(kinds) else text.take(pa.array(rows))
        by_character = bool(kind & 2)
        if kind & 1:
            read = tokenise_column(texts, characters=by_character)
            data = texts.buffers()[2]
            if data is not None and b"Other" in data.to_pybytes():
                reserved = _where(pc.match_substring_regex(texts, _OTHER_SLOT))
                refuse(rows[reserved], f"a slot named {OTHER!r}, which means no slot")
        else:
            read = split_column(texts, characters=by_character)
        for row, mistake in read.mistakes.items():
            refuse([rows[row]], mistake)
        parts.append((rows, read))
    if not parts:
        return TokenColumns(*(pa.array([], kind) for kind in (_STRINGS, _STRINGS, _POSITIONS)))
    order = pa.array(np.argsort(np.concatenate([rows for rows, _ in parts])))

    def joined(arrays: list[Any], kind: pa.DataType) -> Any:
        whole = [
            pa.nulls(len(rows), kind) if array is None else array
            for array, (rows, _) in zip(arrays, parts, strict=True)
        ]
        return whole[0] if len(whole) == 1 else pa.concat_arrays(whole).take(order)

    return TokenColumns(
        joined([read.tokens for _, read in parts], _STRINGS),
        joined([read.labels for _, read in parts], _STRINGS),
        joined([read.boundaries for _, read in parts], _POSITIONS),
        widened={
            int(rows[row]): tokens for rows, read in parts for row, tokens in read.widened.items()
        },
    )


def laid_on_text(
    labelling: TokenColumns,
    columns: dict[str, Any],
    rows: NDArray[np.bool_],
    characters: NDArray[np.bool_],
) -> TokenColumns:
    """Labels of some rows laid on the tokens of the utterance, where its white space is other.

    The annotated utterance must be the utterance, but for white space; else the result says so in
    its mistakes.

    Args:
        labelling: Tokens and labels of n rows, as the annotated utterances give them.
        columns: The columns `utt` and `annot_utt`.
        rows: Shape (n,), the rows to look at.
        characters: Shape (n,), which rows are of a locale that is split into characters.
    """
    utterances = columns["utt"].fill_null("")
    joined = pc.binary_join(labelling.tokens, " ")
    # By words, most utterances are their tokens joined by a space already.
    differing = set(np.flatnonzero(rows & ~characters & _differ(joined, utterances)).tolist())
    by_character = np.flatnonzero(rows & characters)
    if len(by_character):
        places = pa.array(by_character)
        texts = split_column(utterances.take(places), characters=True).tokens
        other = _differ(joined.take(places), pc.binary_join(texts, " "))
        differing.update(by_character[other].tolist())
    mistakes = {}
    to_read = []
    for row in differing:
        text = utterances[row].as_py()
        tokens = labelling.tokens[row].as_py()
        if "".join(text.split()) != "".join(tokens):
            difference = _difference(text, "".join(tokens))
            mistakes[row] = f"utt and annot_utt differ: {difference}"
        elif split(text, characters=bool(characters[row])) != tokens:
            to_read.append(row)
    labelling = replace(labelling, mistakes=mistakes)

    def read_row(row: int) -> Tokens:
        annotated, text = columns["annot_utt"][row].as_py(), utterances[row].as_py()
        return tokenise(annotated, characters=bool(characters[row]), text=text)

    return mended(labelling, to_read, read_row)


def _differ(texts: Any, others: Any) -> NDArray[np.bool_]:
    differ = pc.not_equal(texts, others).fill_null(fill_value=False)
    return np.asarray(differ.to_numpy(zero_copy_only=False), bool)


def _difference(utterance: str, annotated: str) -> str:
    text = "".join(utterance.split())
    start = next(
        (i for i, (a, b) in enumerate(zip(text, annotated, strict=False)) if a != b),
        min(len(text), len(annotated)),
    )
    return f"{text[start : start + 12]!r} against {annotated[start : start + 12]!r}"


def _where(mask: Any) -> NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))
