"""`cost.json`: what systems need to predict, measured side by side on one machine."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class Latency(Strict):
    """How long one utterance takes alone, from text to labels, in milliseconds.

    Attributes:
        p50: Half of the utterances take at most so long.
        p99: All but 1 % take at most so long.
    """

    p50: float = Field(ge=0)
    p99: float = Field(ge=0)


class SystemCost(Strict):
    """What one system needs.

    Attributes:
        name: The last part of its path.
        title: What it is called.
        kind: What computes it.
        precision: Of its numbers, where an export says so.
        parameters: How many it has.
        parameters_without_embeddings: How many of them are no embeddings.
        model_bytes: Of its model folder, tokenizer included and the card not.
        peak_memory_mib: Most memory of the process until its last prediction.
        cold_start_seconds: From the start of the process to its first answer.
        latency: Of one utterance alone, on one thread.
        floor: The same for nothing but the products of its weights in float32, by numpy, measured
            right after.
        utterances_per_second: With 32 utterances at a time, on one thread.
    """

    name: str
    title: str
    kind: str
    precision: str | None = None
    parameters: int | None = Field(default=None, ge=0)
    parameters_without_embeddings: int | None = Field(default=None, ge=0)
    model_bytes: int = Field(ge=0)
    peak_memory_mib: float = Field(ge=0)
    cold_start_seconds: float = Field(ge=0)
    latency: Latency
    floor: Latency | None = None
    utterances_per_second: float = Field(ge=0)


class Cost(Strict):
    """Systems that were measured one after the other.

    Attributes:
        format: Version of this format.
        data: Name of the store whose utterances were predicted.
        partition: The partition that they are of.
        locales: The locales that they are of.
        scripts: The scripts that these are written in.
        utterances: How many.
        repetitions: How often each was predicted.
        warm_up: How many were predicted before.
        threads: How many threads computed.
        batch: How many utterances stood together for the throughput.
        machine: Processor, system and cores.
        versions: Of what was installed.
        systems: The systems; ratios are to the first.
    """

    format: Literal[1] = 1
    data: str
    partition: str
    locales: list[str]
    scripts: list[str]
    utterances: int = Field(ge=1)
    repetitions: int = Field(ge=1)
    warm_up: int = Field(ge=0)
    threads: int = Field(ge=1)
    batch: int = Field(ge=1)
    machine: dict[str, Any]
    versions: dict[str, str]
    systems: list[SystemCost] = Field(min_length=1)
