"""massive-kit: load, train, score, break down, validate and publish MASSIVE-style benchmarks.

What the command line does from Python: `load`, `train`, `predict`, `evaluate`, `compare` and
`validate` (see `massive_kit.api`), and `score`, which takes rows in memory.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from massive_kit.version import __version__

if TYPE_CHECKING:
    from massive_kit.api import compare, evaluate, load, predict, train, validate
    from massive_kit.scoring.api import score

# `import massive_kit` stays free: each is loaded when it is first asked for.
_HOMES = {
    "compare": "massive_kit.api",
    "evaluate": "massive_kit.api",
    "load": "massive_kit.api",
    "predict": "massive_kit.api",
    "score": "massive_kit.scoring.api",
    "train": "massive_kit.api",
    "validate": "massive_kit.api",
}

__all__ = [
    "__version__",
    "compare",
    "evaluate",
    "load",
    "predict",
    "score",
    "train",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
