"""Which locale somebody means."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from massive_kit.languages.table import canonical_locale


@dataclass(frozen=True, slots=True)
class LocaleMatch:
    """A locale as somebody gave it, and as it is known.

    Attributes:
        locale: The known one where only case, `_` for `-` or an alias differ, else the given one.
        known: Whether it is known.
        near: A known one that looks like it, where it is not known itself.
    """

    locale: str
    known: bool
    near: str | None = None


def match_locale(given: str, known: Collection[str]) -> LocaleMatch:
    """The locale of `known` that somebody means by `ja_jp`, `JA-JP` or `sl-SI`."""
    by_fold = {locale.lower(): locale for locale in known}
    folded = given.strip().replace("_", "-").lower()
    language, _, region = folded.partition("-")
    canonical = canonical_locale(f"{language}-{region.upper()}")
    for fold in (folded, canonical.lower()):
        if fold in by_fold:
            return LocaleMatch(by_fold[fold], known=True)
    near = [locale for fold, locale in by_fold.items() if fold.partition("-")[0] == folded]
    near += [by_fold[fold] for fold in difflib.get_close_matches(folded[:20], by_fold, n=1)]
    return LocaleMatch(given, known=False, near=near[0] if near else None)
