"""Attention masks that are made without a look at their values.

`transformers` asks a padding mask whether it hides anything, twice in a forward pass or more often,
so that attention without padding runs without a mask. On a GPU each such question waits for all
that the device has still to do. What is asked is known before a batch is sent there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor
from transformers import masking_utils

_MASK = "attention_mask"


class _Known(threading.local):
    """What this thread knows of the rows that its model reads.

    Attributes:
        right: Whether what fills rows up, if anything, stands behind them.
        whole: Whether nothing fills them up.
    """

    right = False
    whole = False


_KNOWN = _Known()


@contextmanager
def known_padding(batch: Mapping[str, Any]) -> Iterator[None]:
    """Within the block a model that reads a batch asks no mask for its values.

    Masks are as they would be without it, but for one thing: a causal model, whose rows see nothing
    behind them, needs no mask for what fills them up there, and gets none.

    Args:
        batch: As it is on the CPU; its rows are filled up at their ends.
    """
    yield from _knowing(whole=not has_padding(batch))


@contextmanager
def known_whole(*, whole: bool) -> Iterator[None]:
    """As `known_padding` of a batch without padding, or of one with it."""
    yield from _knowing(whole=whole)


def has_padding(batch: Mapping[str, Any]) -> bool:
    """Whether anything fills up rows of a batch, or of those that it holds."""
    return any(
        has_padding(value) if isinstance(value, Mapping) else name == _MASK and not value.all()
        for name, value in batch.items()
    )


def _knowing(*, whole: bool) -> Iterator[None]:
    functions = masking_utils.ALL_MASK_ATTENTION_FUNCTIONS
    functions["sdpa"], functions["eager"] = _sdpa_mask, _eager_mask
    before = _KNOWN.right, _KNOWN.whole
    _KNOWN.right, _KNOWN.whole = True, whole
    try:
        yield
    finally:
        _KNOWN.right, _KNOWN.whole = before


def _sdpa_mask(attention_mask: Tensor | None = None, **asked: Any) -> Tensor | None:
    if _KNOWN.right and attention_mask is not None:
        if asked.get("allow_is_causal_skip", True) and _sees_no_end(**asked):
            return None
        attention_mask, asked = _unasked(attention_mask, asked)
    mask: Tensor | None = masking_utils.sdpa_mask(attention_mask=attention_mask, **asked)
    return mask


def _eager_mask(attention_mask: Tensor | None = None, **asked: Any) -> Tensor | None:
    if _KNOWN.right and attention_mask is not None:
        attention_mask, asked = _unasked(attention_mask, asked)
    mask: Tensor | None = masking_utils.eager_mask(attention_mask=attention_mask, **asked)
    return mask


def _unasked(mask: Tensor, asked: dict[str, Any]) -> tuple[Tensor | None, dict[str, Any]]:
    if _KNOWN.whole:
        return None, asked
    return mask, asked | {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False}


def _sees_no_end(
    q_length: int | None = None,
    kv_length: int | None = None,
    q_offset: Any = 0,
    local_size: int | None = None,
    **_: Any,
) -> bool:
    """Whether causal attention reads a batch from its beginning and without a window."""
    return (
        isinstance(q_offset, int)
        and q_offset == 0
        and kv_length is not None
        and q_length == kv_length
        and (local_size is None or kv_length < local_size)
    )
