"""Where data live on this machine, and what `--data` means."""

from __future__ import annotations

import os
import re
from pathlib import Path

import platformdirs

from massive_kit.errors import UsageError

HOME_VARIABLE = "MASSIVE_KIT_HOME"
DATA_VARIABLE = "MASSIVE_KIT_DATA"
DEMO = "demo"


def home() -> Path:
    """The cache: `MASSIVE_KIT_HOME`, or the platform's cache folder."""
    asked = os.environ.get(HOME_VARIABLE)
    return Path(asked) if asked else Path(platformdirs.user_cache_dir("massive-kit"))


def stores() -> Path:
    """The folder that holds the stores, by name."""
    return home() / "data"


def store_folder(name: str) -> Path:
    """The folder of the store with a name.

    Raises:
        UsageError: The name cannot be that of a folder, or is taken.
    """
    if name == DEMO:
        raise UsageError(f"{DEMO!r} names the demo corpus; choose another name")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise UsageError(f"{name!r} cannot name a store; use letters, digits, '.', '_' and '-'")
    return stores() / name
