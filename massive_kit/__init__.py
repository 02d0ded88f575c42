"""massive-kit: load, train, score, break down, validate and publish MASSIVE-style benchmarks.

`massive_kit.score(predictions, references)` scores rows in memory.
"""

from __future__ import annotations

from typing import Any

from massive_kit.version import __version__ as __version__


def __getattr__(name: str) -> Any:
    # `import massive_kit` stays free; the scorer is loaded when it is first asked for.
    if name == "score":
        from massive_kit.scoring.api import score

        return score
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
