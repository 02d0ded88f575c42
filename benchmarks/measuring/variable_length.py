"""Attention over packed rows by the kernel for rows of any length, for comparison.

It needs no mask, and works on blocks of 128 subwords as all of its kind do: each row has at least
one to itself. `torch.nn.attention.varlen` hands on to the same operator, without dropout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from massive_kit.engine.transfers import moved

_NAME = "variable_length"


class VariableLength:
    """Has a body read packed rows by that kernel, in half precision on a GPU."""

    def __init__(self, body: Any) -> None:
        self._ends: Tensor | None = None
        self._longest = 0
        ALL_ATTENTION_FUNCTIONS.register(_NAME, self._attention)
        body.config._attn_implementation = _NAME  # noqa: SLF001 - the setter asks what it knows

    def prepare(self, batch: Mapping[str, Tensor], device: torch.device) -> None:
        """Notes where the rows of a batch, which is on the CPU, begin and end."""
        rows = batch["row_numbers"].numpy().ravel()
        # What fills a sequence up counts as a row.
        begins = np.flatnonzero(np.diff(rows)) + 1
        ends = np.concatenate([[0], begins, [len(rows)]]).astype(np.int32)
        self._longest = int(np.diff(ends).max())
        self._ends = moved(torch.from_numpy(ends), device)

    def _attention(
        self,
        module: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None,
        dropout: float = 0.0,
        scaling: float | None = None,
        **_: Any,
    ) -> tuple[Tensor, None]:
        del module, attention_mask
        sequences, heads, width, size = query.shape
        # Shape (subwords, heads, size), as they were before.
        flat = [states.transpose(1, 2).flatten(0, 1) for states in (query, key, value)]
        kernel = torch.ops.aten._flash_attention_forward  # noqa: SLF001 - it has dropout
        output, *_rest = kernel(
            *flat,
            self._ends,
            self._ends,
            self._longest,
            self._longest,
            dropout,
            False,
            False,
            scale=scaling,
        )
        return output.view(sequences, width, heads, size), None
