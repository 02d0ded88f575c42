"""In which number format weights are held."""

from __future__ import annotations

import torch


def frozen_dtype(precision: str) -> torch.dtype:
    """The format of weights that are not trained: that of the computation; others need fp32."""
    return torch.bfloat16 if precision == "bf16" else torch.float32
