"""massive-kit: load, train, score, break down, validate and publish MASSIVE-style benchmarks.

`massive_kit.score(predictions, references)` scores rows in memory.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # `import massive_kit` stays free; the scorer is loaded when it is first asked for.
    if name == "score":
        from importlib import import_module

        return import_module("massive_kit.score")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
