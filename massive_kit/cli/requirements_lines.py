"""What a training run will need, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from massive_kit.counted import counted

if TYPE_CHECKING:
    from massive_kit.engine.requirements import Requirements
    from massive_kit.runs.unasked_teacher import TextsToAsk

_GIGA = 1e9
# Until so many of a unit it is told in the smaller one.
_FEW, _MANY_HOURS = 2, 48
# Operations a second in bfloat16.
_H100 = 989e12


def requirements_lines(needed: Requirements, *, peak: float, share: float) -> Iterator[str]:
    """The lines: parameters, memory, operations and time.

    Args:
        needed: What it will need.
        peak: Operations a second of the device whose time is told.
        share: The share of them in use.
    """
    yield f"parameters: {needed.parameters:,}, {needed.trained:,} of them trained"
    parts = {
        "weights": needed.weights,
        "gradients": needed.gradients,
        "AdamW": needed.optimiser,
        "average": needed.average,
        f"a batch of {needed.largest_batch:,} subwords": needed.activations,
    }
    listed = ", ".join(f"{name} {size / _GIGA:.2f}" for name, size in parts.items() if size)
    yield (
        f"memory, GB: {needed.on_accelerator / _GIGA:.2f} on an accelerator ({listed});"
        f" about {needed.on_cpu / _GIGA:.2f} for the process where it trains on the processor"
    )
    yield (
        f"work: {needed.steps:,} steps; {needed.operations_per_epoch:.2e} floating-point operations"
        f" and {needed.subwords_per_epoch:,} subwords, padding included, an epoch"
    )
    # A reader without an accelerator would take the time for that of the machine at hand.
    yield (
        f"time: {duration(needed.hours(peak, share))} at {share:.0%} of {peak / 1e12:g} TFLOPS"
        f"{' (an H100)' if peak == _H100 else ''}, the dev set not counted"
    )


def teacher_line(teacher: TextsToAsk) -> str:
    """What a run that is learnt from will be asked for."""
    texts = counted(teacher.texts, "text")
    if not teacher.missing:
        return f"teacher: {teacher.run} is not asked: of all {texts} its answers are in the cache"
    kept = f", of {teacher.kept:,} of which its answers are in the cache" if teacher.kept else ""
    return (
        f"teacher: {teacher.run} will speak of {texts}{kept}; time and memory for the other"
        f" {teacher.missing:,} are not counted"
    )


def duration(hours: float) -> str:
    """Hours as people say them: 40 s, 12 min, 3.5 h, 4 days."""
    if hours * 3600 < 1:
        return "under a second"
    if hours * 60 < _FEW:
        return f"{hours * 3600:.3g} s"
    if hours < _FEW:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if hours < _MANY_HOURS else f"{hours / 24:.1f} days"
