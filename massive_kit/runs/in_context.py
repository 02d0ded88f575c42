"""What a manifest says of how a run's language model was asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from massive_kit.schema.config import flattened
from massive_kit.schema.in_context import InContext

_LONGEST = 200
_MOST_MODELS = 10


def known_of_asking(facts: Mapping[str, Any], task: str) -> dict[str, Any]:
    """What a run knows of how it asked a language model, and of what its answers took.

    Args:
        facts: The content of `run.json`.
        task: The task that was predicted.

    Returns:
        Keys of a manifest's `in_context`; none for a run that asks no language model.
    """
    asked = facts.get("in_context")
    if not isinstance(asked, dict):
        return {}
    usage = facts.get("usage", {}).get(task, {})
    values = {**asked, **usage}
    base = (facts.get("recipe", {}).get("model") or {}).get("base") or asked["model"]
    if asked.get("backend") == "transformers":
        values["model"] = _public_name(str(base))
    else:
        values["model"] = base
        values["answered_by"] = [_line(name) for name in usage.get("models", ())][:_MOST_MODELS]
    values["failed"] = sum(usage["failed"].values()) if "failed" in usage else None
    values["estimated"] = usage.get("estimated") or None
    values["decoding"] = {
        key: _scalar(value) for key, value in flattened(asked.get("decoding", {})).items()
    }
    return {
        key: values[key] for key in InContext.model_fields if values.get(key) not in (None, [], {})
    }


def _public_name(base: str) -> str:
    # A path on this machine says nothing to others; its last part mostly does.
    path = Path(base)
    return path.name if path.name and (path.is_absolute() or path.exists()) else base


def _scalar(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    return _line(value if isinstance(value, str) else orjson.dumps(value).decode())


def _line(text: str) -> str:
    """Text of an endpoint or a recipe as one line of bounded length."""
    line = " ".join(text.split()) or "-"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}\u2026"
