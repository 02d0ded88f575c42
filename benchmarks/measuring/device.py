"""The device a benchmark runs on: when it is done, its matrix peak, its memory."""

from __future__ import annotations

import gc
import time

import torch

from massive_kit.engine.precision import choose_precision

# Edge of the square matrices; large enough that a product is bound by arithmetic alone.
_EDGE = {"cuda": 8192, "cpu": 1536}
_PRODUCTS = {"cuda": 20, "cpu": 2}
_ROUNDS = 3


def this_device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_name() -> str:
    """What to call it in a table."""
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"CPU, {torch.get_num_threads()} threads"


def wait() -> None:
    """Returns when the device has done all that it was asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def forget() -> None:
    """Frees what earlier measurements left, and counts the peak of memory anew."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def matrix_peak() -> float:
    """Floating-point operations a second of a large product, measured now.

    In bf16 where the device computes in it, else in fp32; the best of some rounds.
    """
    device = this_device()
    edge, products = _EDGE[device.type], _PRODUCTS[device.type]
    kind = torch.bfloat16 if choose_precision("auto") == "bf16" else torch.float32
    left = torch.randn(edge, edge, device=device).to(kind)
    right = torch.randn(edge, edge, device=device).to(kind)
    result = torch.mm(left, right)
    seconds = []
    for _ in range(_ROUNDS):
        wait()
        start = time.perf_counter()
        for _ in range(products):
            torch.mm(left, right, out=result)
        wait()
        seconds.append(time.perf_counter() - start)
    return float(2 * edge**3 * products / min(seconds))
