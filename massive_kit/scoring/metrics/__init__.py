"""The metrics, one module each, found by being there.

A module with a `METRIC`, which is a ratio of counts, is all that a metric needs: its values, with
intervals, stand in `scores.json` and in the tables, for locales, groups and averages. `INFO` alone
describes a metric that is computed elsewhere.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from massive_kit.schema.metrics import MAIN_METRICS, MetricInfo
from massive_kit.scoring.metrics.ratio import Ratio

# With fields of their own in `scores.json`; what is not there stands under `more`.
_PARTS = ("slot_precision", "slot_recall")


def _modules() -> list[ModuleType]:
    return [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]


def _ratios() -> tuple[Ratio, ...]:
    ratios = [module.METRIC for module in _modules() if hasattr(module, "METRIC")]
    return tuple(sorted(ratios, key=lambda ratio: (ratio.info.order, ratio.name)))


METRICS: tuple[Ratio, ...] = _ratios()
MAIN: tuple[Ratio, ...] = tuple(ratio for ratio in METRICS if ratio.name in MAIN_METRICS)
PARTS: tuple[Ratio, ...] = tuple(ratio for ratio in METRICS if ratio.name in _PARTS)
MORE: tuple[Ratio, ...] = tuple(ratio for ratio in METRICS if ratio not in (*MAIN, *PARTS))
_INFO: dict[str, MetricInfo] = {ratio.name: ratio.info for ratio in METRICS} | {
    module.INFO.name: module.INFO for module in _modules() if hasattr(module, "INFO")
}


def info_of(name: str) -> MetricInfo:
    """How people read a metric; one that only another version knows goes by its name, last."""
    text = name.replace("_", " ").replace("f1", "F1")
    return _INFO.get(name) or MetricInfo(name, text, text, order=10_000)


__all__ = ["MAIN", "METRICS", "MORE", "PARTS", "Ratio", "info_of"]
