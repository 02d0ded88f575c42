"""Learning rates by layer: lower layers learn slower, heads faster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.optimiser import LayerwiseOptimiser

_BODY = "body."
_LAYER = re.compile(r"\.(?:layer|layers|block|h)\.(\d+)\.")


def rate_factor(names: Iterable[str], settings: LayerwiseOptimiser) -> Callable[[str], float]:
    """Gives each parameter its factor on the learning rate, by name.

    The highest layer has factor 1, each one below `layer_decay` times that of the one above;
    embeddings stand below the lowest layer, a norm after the last layer above all of them. Heads
    have `head_lr`.

    Args:
        names: Of all parameters of a `JointModel`.
        settings: `layer_decay` and `head_lr`.

    Raises:
        ConfigError: Rates are to decay, and the body's parameters do not say which layer they are
            of.
    """
    # Heads may have numbered layers of their own.
    in_body = (name for name in names if name.startswith(_BODY))
    numbers = {int(match[1]) for name in in_body if (match := _LAYER.search(name))}
    if not numbers and settings.layer_decay != 1:
        problem = Problem(
            "recipe",
            f"optimiser.layer_decay is {settings.layer_decay:g}, and the names of the base's"
            " parameters do not number its layers",
            "1 with this base",
            "take it away with -o optimiser.layer_decay=1",
        )
        raise ConfigError("the recipe does not fit the base", [problem])
    depth = 1 + max(numbers, default=0)

    def factor(name: str) -> float:
        if not name.startswith(_BODY):
            return settings.head_lr
        match = _LAYER.search(name)
        if match:
            return float(settings.layer_decay ** (depth - 1 - int(match[1])))
        below_layers = "embed" in name or "shared" in name
        return float(settings.layer_decay**depth) if below_layers else 1.0

    return factor
