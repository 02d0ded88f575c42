"""Only algorithms that repeat exactly, as long as a run lasts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import enable_full_determinism


@contextmanager
def repeatable(seed: int, *, wanted: bool) -> Iterator[None]:
    """Where wanted, torch refuses algorithms that differ from call to call within the block.

    `enable_full_determinism` seeds, turns `torch.use_deterministic_algorithms` and cuDNN's
    deterministic mode on, and sets `CUBLAS_WORKSPACE_CONFIG`, `CUDA_LAUNCH_BLOCKING` and
    `FLASH_ATTENTION_DETERMINISTIC`, which CUDA reads when it starts; so these stay. Of the two
    workspaces with which cuBLAS repeats exactly it chooses the small one, which slows cuBLAS down
    and makes torch warn.
    """
    if not wanted:
        yield
        return
    cudnn = torch.backends.cudnn
    before = torch.are_deterministic_algorithms_enabled(), cudnn.deterministic, cudnn.benchmark
    enable_full_determinism(seed)
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        cudnn.deterministic, cudnn.benchmark = before[1:]
