"""What the time of some steps goes to, by kind of kernel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from benchmarks.measuring.device import wait

# The first that matches a kernel's name counts; what a fused kernel of attention is built of
# (cutlass) would match matrix products, too.
_KINDS = {
    "attention": r"flash|fmha|attention|softmax|sdpa",
    "matrix products": r"gemm|cutlass|cublas|nvjet|wgmma|xmma|splitk|mm\b|linear|mkldnn",
    "optimiser, clipping": r"multi_tensor|adam|foreach|lpnorm|vector_norm",
    "norms": r"layer_?norm|gammabeta|rms|welford",
    "embeddings": r"embedding|index|gather|scatter|sort|radix|cub::|krn_partial"
    r"|compute_grad_weight",
    "copies, casts": r"memcpy|memset|copy|catarray|aten::to\b|zero|fill",
    "elementwise, dropout": r"elementwise|vectorized|dropout|bernoulli|gelu|triton|reduce"
    r"|aten::(add|mul|div|sum|mean|pow|tanh|where|sub)",
}
IDLE = "idle"
_OTHER = "other"


def kind_of(kernel: str) -> str:
    """The kind of a kernel, by its name."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, kernel, re.IGNORECASE):
            return kind
    return _OTHER


def profiled(work: Callable[[], object]) -> dict[str, float]:
    """Milliseconds of each kind while some work is done, the largest first, and of idleness.

    On a GPU those of its kernels; on a processor those of the operators themselves.
    """
    cuda = torch.cuda.is_available()
    wait()
    activity = ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU
    with profile(activities=[activity], acc_events=True) as trace:
        work()
        wait()
    kinds: Counter[str] = Counter()
    intervals = []
    for event in trace.events() or []:
        if _is_kernel(event, cuda=cuda):
            begin, end = event.time_range.start, event.time_range.end
            kinds[kind_of(event.name)] += (end - begin) if cuda else event.self_cpu_time_total
            intervals.append((begin, end))
    result = {kind: microseconds / 1e3 for kind, microseconds in kinds.most_common()}
    return result | {IDLE: _gaps(intervals) / 1e3}


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
