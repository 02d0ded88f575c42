"""What `measure` found out of a system, as its manifest says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.schema.config import check
from massive_kit.schema.cost import Cost, SystemCost
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.measured import Measured

# A file of a hundred systems has some 100 kB.
_MAX_BYTES = 4 << 20


def read_cost(path: Path) -> Cost:
    """The measurements in a `cost.json`.

    Raises:
        MissingDataError: There is no such file.
        ConfigError: It is wrong; holds every mistake.
    """
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file; `massive-kit measure RUN` makes it")
    if (size := path.stat().st_size) > _MAX_BYTES:
        problem = Problem(str(path), f"{size:,} bytes", f"at most {_MAX_BYTES:,}")
        raise ConfigError(f"{path} is too large", [problem])
    try:
        values = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"{path} is no JSON", [Problem(str(path), str(error))]) from None
    if not isinstance(values, dict):
        problem = Problem(str(path), type(values).__name__, "an object")
        raise ConfigError(f"{path} is no cost.json", [problem])
    return check(Cost, values, str(path))


def with_cost(manifest: Manifest, path: Path, *names: str) -> Manifest:
    """A manifest with what a `cost.json` knows of its system.

    Args:
        manifest: The manifest; what it says was measured itself goes before the file.
        path: The file.
        names: What else the system may be called there, such as its run.

    Raises:
        UsageError: Several systems were measured, and none of that name.
        ConfigError: The file is wrong.
    """
    measured = measured_of(path, (*names, manifest.system))
    declared = {} if manifest.measured is None else manifest.measured.model_dump(exclude_none=True)
    return manifest.model_copy(update={"measured": Measured(**(measured | declared))})


def measured_of(path: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """What a `cost.json` says of the system of one of these names, or of the only one in it."""
    cost = read_cost(path)
    named = [system for system in cost.systems if system.name in names]
    if not named and len(cost.systems) == 1:
        named = cost.systems
    if len(named) != 1:
        measured = ", ".join(system.name for system in cost.systems)
        raise UsageError(
            f"{path} has measured {measured}, and not {' or '.join(names)}; measure it alone, or"
            " name the folder as it is there"
        )
    return _measured(named[0], cost)


def _measured(system: SystemCost, cost: Cost) -> dict[str, Any]:
    values = {
        "backend": system.kind,
        "precision": system.precision,
        "machine": ", ".join(f"{name} {value}" for name, value in cost.machine.items())[:200],
        "model_bytes": system.model_bytes,
        "peak_memory_mib": system.peak_memory_mib,
        "cold_start_seconds": system.cold_start_seconds,
        "latency_p50_ms": system.latency.p50,
        "latency_p99_ms": system.latency.p99,
        "utterances_per_second": system.utterances_per_second,
    }
    return {name: value for name, value in values.items() if value is not None}
