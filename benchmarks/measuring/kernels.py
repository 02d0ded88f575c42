"""What the time of some steps goes to, by kind of kernel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.measuring.device import wait

# The first that matches a kernel's name counts; what a fused kernel of attention is built of
# (cutlass) would match matrix products, too.
_KINDS = {
    # It is named after all that it was fused from.
    "fused by the compiler": r"^triton_",
    "attention": r"flash|fmha|attention|softmax|sdpa",
    "matrix products": r"gemm|cutlass|cublas|nvjet|wgmma|xmma|splitk|mm\b|linear|mkldnn",
    "optimiser, clipping": r"multi_tensor|adam|foreach|lpnorm|vector_norm",
    "norms": r"layer_?norm|gammabeta|rms|welford",
    "embeddings": r"embedding|index|gather|scatter|sort|radix|cub::|krn_partial"
    r"|compute_grad_weight",
    "copies, casts": r"memcpy|memset|copy|catarray|aten::to\b|zero|fill",
    "elementwise, dropout": r"elementwise|vectorized|dropout|bernoulli|gelu|reduce"
    r"|aten::(add|mul|div|sum|mean|pow|tanh|where|sub)",
}
IDLE = "idle"
_LARGEST = 15
_OTHER = "other"


def kind_of(kernel: str) -> str:
    """The kind of a kernel, by its name."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, kernel, re.IGNORECASE):
            return kind
    return _OTHER


@dataclass(frozen=True, slots=True)
class Profile:
    """What the time of some work went to, in milliseconds, the largest first.

    Attributes:
        kinds: By kind of kernel, and idleness.
        kernels: By name, the largest alone.
    """

    kinds: dict[str, float]
    kernels: dict[str, float]


def profiled(work: Callable[[], object]) -> Profile:
    """What the time of some work goes to.

    On a GPU to its kernels; on a processor to the operators themselves.
    """
    cuda = torch.cuda.is_available()
    wait()
    activity = ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU
    with profile(activities=[activity], acc_events=True) as trace:
        work()
        wait()
    kinds: Counter[str] = Counter()
    kernels: Counter[str] = Counter()
    intervals = []
    for event in trace.events() or []:
        if _is_kernel(event, cuda=cuda):
            begin, end = event.time_range.start, event.time_range.end
            milliseconds = ((end - begin) if cuda else event.self_cpu_time_total) / 1e3
            kinds[kind_of(event.name)] += milliseconds
            kernels[event.name] += milliseconds
            intervals.append((begin, end))
    return Profile(
        dict(kinds.most_common()) | {IDLE: _gaps(intervals) / 1e3},
        dict(kernels.most_common(_LARGEST)),
    )


def _is_kernel(event: Any, *, cuda: bool) -> bool:
    if not cuda:
        return bool(event.device_type == DeviceType.CPU)
    # Marks that span the kernels of a step are among the device's events.
    marks = getattr(event, "is_user_annotation", False) or event.name.startswith(
        ("Optimizer.", "ProfilerStep")
    )
    return bool(event.device_type == DeviceType.CUDA) and not marks


def _gaps(intervals: list[tuple[float, float]]) -> float:
    """How long nothing ran between the first beginning and the last end."""
    idle, last = 0.0, None
    for begin, end in sorted(intervals):
        if last is not None and begin > last:
            idle += begin - last
        last = end if last is None else max(last, end)
    return idle
