"""The one line that names all that can change a score."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from massive_kit.data.span_schemes import SpanScheme
from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import DataRef
from massive_kit.version import __version__


def signature(
    task: str,
    data: DataRef,
    locales: Sequence[str],
    averaged: Sequence[str],
    *,
    scheme: SpanScheme,
    compat: str | None,
    resamples: int,
    seed: int,
) -> str:
    """The signature of scores; equal signatures mean comparable numbers."""
    parts = {
        "task": task,
        "data": f"{data.name}@{data.hash}",
        "version": data.version or "-",
        "split": data.partition,
        **({"subset": data.subset} if data.subset else {}),
        "locales": _named(locales),
        "averaged": _named(averaged),
        "scheme": scheme,
        "compat": compat or "no",
        "averages": "+".join(AVERAGES),
        "resamples": str(resamples),
        "seed": str(seed),
        "massive-kit": __version__,
    }
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def _named(locales: Sequence[str]) -> str:
    digest = hashlib.sha256(" ".join(sorted(locales)).encode()).hexdigest()[:8]
    return f"{len(locales)}@{digest}"
