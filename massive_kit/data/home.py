"""Where data live on this machine, and what `--data` means."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "MASSIVE_KIT_HOME"
DATA_VARIABLE = "MASSIVE_KIT_DATA"


def home() -> Path:
    """The cache: `MASSIVE_KIT_HOME`, or the platform's cache folder."""
    asked = os.environ.get(HOME_VARIABLE)
    return Path(asked) if asked else Path(platformdirs.user_cache_dir("massive-kit"))


def stores() -> Path:
    """The folder that holds the stores, by name."""
    return home() / "data"
