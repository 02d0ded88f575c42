"""Dictionaries into a script rather than a language: `und-Cyrl` are words of any language in it."""

from __future__ import annotations

import re

from massive_kit.languages import LanguageTable

# What a script of the language table is written in, where that is another code.
_WRITTEN_IN = {"Hans": "Hani", "Hant": "Hani"}
_TARGET = re.compile(r"und-([A-Z][a-z]{3})")


def script_target(script: str) -> str:
    """The target of a dictionary into a script, such as `und-Cyrl` (BCP 47)."""
    return f"und-{script}"


def is_script_target(target: str) -> bool:
    """Whether a target is a script rather than a locale."""
    return _TARGET.fullmatch(target) is not None


def target_of_script(locale: str) -> str | None:
    """The target of the dictionary into a locale's script; `None` where that is not known."""
    script = _script_of(locale)
    return script_target(script) if script else None


def table_scripts() -> dict[str, int]:
    """The scripts of the language table, and of how many of its locales each is."""
    counts: dict[str, int] = {}
    for locale in LanguageTable.shipped().languages:
        script = _script_of(locale)
        if script:
            counts[script] = counts.get(script, 0) + 1
    return counts


def locales_of(target: str, source: str) -> int:
    """How many locales of the language table a dictionary's target stands for, at least one.

    Args:
        target: A locale, or a script.
        source: The locale that is translated, which does not count.
    """
    match = _TARGET.fullmatch(target)
    if match is None:
        return 1
    return max(1, table_scripts().get(match[1], 0) - (_script_of(source) == match[1]))


def _script_of(locale: str) -> str:
    """The script of a locale; "" where the language table does not say it."""
    script = LanguageTable.shipped()[locale].get("script") or ""
    return _WRITTEN_IN.get(script, script)
