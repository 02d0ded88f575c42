"""Patterns of short text in files that people write, and what each asks for in words."""

from __future__ import annotations

SLUG = r"^[a-z0-9][a-z0-9._-]{0,63}$"
TASK_NAME = r"^[a-z0-9][a-z0-9._-]*$"
LINK = r"^https?://[^\s<>\"']+$"
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
ONE_LINE = r"^[^\n\r]*$"

_LOWER_CASE = "a-z, 0-9, dots, dashes and underscores, a letter or digit first"
# A message that shows a regular expression helps nobody who has not met one.
WORDS = {
    SLUG: f"at most 64 characters of {_LOWER_CASE}",
    TASK_NAME: _LOWER_CASE,
    LINK: "an address that begins with https:// or http://, without spaces, quotes, < and >",
    LANGUAGE_TAG: "a language tag such as sw, zh-Hant or sw-KE",
    ONE_LINE: "text in one line",
}
