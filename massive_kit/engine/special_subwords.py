"""Subwords that text objectives need and that are not text: a mask, sentinels, an end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import ConfigError, Problem

_MASK = "<mask>"
# Utterances are short; T5 has a hundred.
_SENTINELS = 100
# A tokenizer that has fewer gets as many.
_FEWEST = 16


def mask_of(tokenizer: Any) -> int:
    """The mask of a tokenizer, which gets one where it has none."""
    if tokenizer.mask_token_id is None:
        tokenizer.add_special_tokens({"mask_token": _MASK})
    return int(tokenizer.mask_token_id)


def end_of(tokenizer: Any) -> int:
    """What ends a text.

    Raises:
        ConfigError: The tokenizer has no such subword.
    """
    if tokenizer.eos_token_id is None:
        problem = Problem(
            "recipe",
            "the tokenizer has no subword that ends a text (eos_token)",
            "a tokenizer that can end one",
            "name another model.tokenizer",
        )
        raise ConfigError("the tokenizer does not fit the objective", [problem])
    return int(tokenizer.eos_token_id)


def sentinels_of(tokenizer: Any) -> NDArray[np.int32]:
    """The sentinels of a tokenizer, `<extra_id_0>` first; it gets some if need be."""
    vocabulary = tokenizer.get_vocab()
    ids: list[int] = []
    for number in range(_SENTINELS):
        name = f"<extra_id_{number}>"
        # Those of mT5 carry the mark of a space.
        known = vocabulary.get(name, vocabulary.get(f"\u2581{name}"))
        if known is None:
            break
        ids.append(known)
    if len(ids) < _FEWEST:
        names = [f"<extra_id_{number}>" for number in range(_FEWEST)]
        tokenizer.add_tokens(names, special_tokens=True)
        ids = tokenizer.convert_tokens_to_ids(names)
    return np.array(ids, np.int32)
