"""Whose text a recipe reads without labels."""

from __future__ import annotations

from typing import Literal

# `task`: of the locales that the task trains on. `all`: of all that the training data have. A list
# has locales (`sw-KE`), or columns of the language table with a value (`in_massive_1.0=yes`).
TextLocales = Literal["task", "all"] | list[str]
