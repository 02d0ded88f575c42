"""Memory: how much a process has used, and smaller batches where it runs out."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
from pathlib import Path

import torch

from massive_kit.errors import TrainingError
from massive_kit.schema.training import Training

# Below this, halving the budget no longer helps.
_SMALLEST_BUDGET = 64
_RESIDENT, _PAGE = Path("/proc/self/statm"), 4096
# oneDNN keeps the code that it made for a product of a shape. A step of any depth needs some dozens
# at a time; by default it keeps 1,024, a fifth of a megabyte each, and batches hardly ever come in
# the same shapes again.
_KERNELS = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
_MEMORY = Path("/proc/meminfo")


def peak_memory() -> int:
    """Most memory this process has used, in MiB: the accelerator's if there is one."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated() / 2**20)
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (2**20 if platform.system() == "Darwin" else 2**10))


def resident_memory() -> int:
    """Bytes this process holds now; the most it ever held where the system does not say."""
    if _RESIDENT.is_file():
        return int(_RESIDENT.read_text(encoding="ascii").split()[1]) * _PAGE
    return peak_memory() * 2**20


def bound_kernel_cache() -> None:
    """Makes the processor's kernels keep less; holds from here on if none has run so far.

    Whoever sets the variable decides.
    """
    os.environ.setdefault(*_KERNELS)


def release_memory() -> None:
    """Gives back to the system what was let go, where the C library keeps it otherwise (glibc)."""
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)


def available_memory() -> int:
    """Bytes that the system has to give; 0 where it does not say."""
    if not _MEMORY.is_file():
        return 0
    lines = _MEMORY.read_text(encoding="ascii").splitlines()
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(values.get("MemAvailable", "0 kB").split()[0]) * 2**10


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether an error says that memory ran out, on any device."""
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)


def smaller_batches(training: Training) -> Training | None:
    """Batches of half the size, twice as many per step; `None` where no smaller ones help."""
    budget, rows = training.token_budget, training.batch_rows
    if rows is not None and rows > 1:
        size = {"batch_rows": rows // 2}
    elif budget is not None and budget // 2 >= _SMALLEST_BUDGET:
        size = {"batch_tokens": budget // 2}
    else:
        return None
    return training.model_copy(update={**size, "accumulate": training.accumulate * 2})


def out_of_memory_error(
    training: Training, smaller: Training | None, *, length_key: str, may_shrink: bool
) -> TrainingError:
    """What to tell where memory ran out.

    Args:
        training: The settings that were too large.
        smaller: Those to advise, or `None` where batches are as small as they can be.
        length_key: The recipe's key that caps the length of an input.
        may_shrink: Whether the engine could find the size by itself.
    """
    if smaller is None:
        return TrainingError(
            "memory ran out, and batches are as small as they can be; take a smaller model or"
            f" shorter inputs (-o {length_key}) with another --out"
        )
    name = "batch_tokens" if training.batch_rows is None else "batch_rows"
    ask = ""
    if may_shrink and not training.shrink_on_oom:
        ask = ", or let the kit find the size with -o training.shrink_on_oom=true,"
    return TrainingError(
        f"memory ran out; make batches smaller with -o training.{name}={getattr(smaller, name)}"
        f" -o training.accumulate={smaller.accumulate}{ask} with another --out"
    )
