"""What a system needs to predict, as a manifest says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.schema.line import Line

Amount = Annotated[float, Field(ge=0, le=1e12)]


class Measured(Strict):
    """What a system needs to predict, one utterance at a time and several together, on one thread.

    `massive-kit measure` measures it, and `leaderboard add --cost cost.json` takes it from there.

    Attributes:
        backend: What computed it, such as `onnx_encoder`.
        precision: Of its numbers, such as `int8`.
        machine: The processor that it was measured on; figures of other machines do not compare.
        model_bytes: Of its model folder, tokenizer included.
        peak_memory_mib: Most memory of the process, in MiB.
        cold_start_seconds: From the start of the process to its first answer.
        latency_p50_ms: Milliseconds from text to labels, half of the utterances at most.
        latency_p99_ms: The same, all but 1 % of them.
        utterances_per_second: With many utterances at a time.
    """

    backend: Line | None = None
    precision: Line | None = None
    machine: Line | None = None
    model_bytes: Annotated[int, Field(ge=0, le=10**15)] | None = None
    peak_memory_mib: Amount | None = None
    cold_start_seconds: Amount | None = None
    latency_p50_ms: Amount | None = None
    latency_p99_ms: Amount | None = None
    utterances_per_second: Amount | None = None
