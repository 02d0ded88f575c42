"""Learning rates by layer: lower layers learn slower, heads faster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from massive_kit.schema.optimiser import LayerwiseOptimiser

_LAYER = re.compile(r"\.(?:layer|layers|block|h)\.(\d+)\.")


def rate_factor(names: Iterable[str], settings: LayerwiseOptimiser) -> Callable[[str], float]:
    """Gives each parameter its factor on the learning rate, by name.

    The highest layer has factor 1, each one below `layer_decay` times that of the one above;
    embeddings stand below the lowest layer, a norm after the last layer above all of them. Heads
    have `head_lr`.

    Args:
        names: Of all parameters of a `JointModel`.
        settings: `layer_decay` and `head_lr`.
    """
    depth = 1 + max((int(match[1]) for name in names if (match := _LAYER.search(name))), default=0)

    def factor(name: str) -> float:
        if not name.startswith("body."):
            return settings.head_lr
        match = _LAYER.search(name)
        if match:
            return float(settings.layer_decay ** (depth - 1 - int(match[1])))
        below_layers = "embed" in name or "shared" in name
        return float(settings.layer_decay**depth) if below_layers else 1.0

    return factor
