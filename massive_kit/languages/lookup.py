"""Which locale somebody means, by however it is spelled."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from massive_kit.languages.language import Language
from massive_kit.languages.subtags import Tag, read_tag

_LONGEST = 40
_NEAR = 4


@dataclass(frozen=True, slots=True)
class LocaleMatch:
    """A locale as somebody gave it, and as it is known.

    Attributes:
        locale: The known one; or else the canonical form of what was given, of a language that is
            not known; or else, where there is a problem, what was given.
        known: Whether it is known.
        problem: Why it cannot be the code of a locale at all: it names no language, or several
            known locales; "" where it can.
        among: The known ones.
    """

    locale: str
    known: bool
    problem: str = ""
    among: Mapping[str, Language] = field(default_factory=dict, compare=False, repr=False)

    @property
    def near(self) -> tuple[str, ...]:
        """Known ones that may be meant, where it is not known itself."""
        return () if self.known else _nearest(self.locale, self.among)

    @property
    def hint(self) -> str | None:
        """A question with the near ones, if there are any."""
        near = self.near
        return f"did you mean {' or '.join(map(repr, near))}?" if near else None


def match_locale(given: str, known: Mapping[str, Language]) -> LocaleMatch:
    """The locale of `known` that somebody means by `ja_jp`, `jpn`, `ja`, `zh-Hans` or `sl-SI`.

    A language alone, or with a script, means the one known locale of it; of several, none.
    """
    if given in known:
        return LocaleMatch(given, known=True, among=known)
    tag = read_tag(given)
    if tag is None or not tag.assigned:
        problem = f"{given[:_LONGEST]!r} is not a locale code"
        return LocaleMatch(given, known=False, problem=problem, among=known)
    tags = _tags(known)
    same = [code for code, other in tags.items() if other == tag]
    if not same and tag.script and tag.region:
        # zh-Hans-CN names the script that zh-CN has anyway.
        plain = Tag(tag.language, "", tag.region, tag.rest)
        same = [code for code, other in tags.items() if other == plain and _in(known[code], tag)]
    if not same and not tag.region and not tag.rest:
        same = [
            code
            for code, other in tags.items()
            if other.language == tag.language and not other.rest and _in(known[code], tag)
        ]
    if len(same) == 1:
        return LocaleMatch(same[0], known=True, among=known)
    if same:
        problem = f"{given!r} can be more than one locale"
        return LocaleMatch(given, known=False, problem=problem, among=known)
    return LocaleMatch(str(tag), known=False, among=known)


def _tags(known: Mapping[str, Language]) -> dict[str, Tag]:
    return {code: read_tag(code) or Tag(code) for code in known}


def _in(language: Language, tag: Tag) -> bool:
    """Whether a locale is in the script that a tag names, if it names one."""
    named = read_tag(language.locale)
    script = (named.script if named else "") or language.get("script")
    # Hangul alone is Korean without Hanja.
    return not tag.script or script == ("Kore" if tag.script == "Hang" else tag.script)


def _nearest(given: str, known: Mapping[str, Language]) -> tuple[str, ...]:
    """Locales of the language, of the country (jp) or of the name (Japanese); else alike ones."""
    text = given.strip()[:_LONGEST].replace("_", "-").lower()
    first, *others = text.split("-")
    tag, tags = read_tag(first), _tags(known)
    near: list[str] = []
    if tag is not None and tag.assigned:
        near = [code for code, other in tags.items() if other.language == tag.language]
    else:
        country = others[-1] if others else first
        near = [code for code, other in tags.items() if other.region.lower() == country]
        near = near or [
            code for code, row in known.items() if first in {row.name.lower(), row.autonym.lower()}
        ]
    folds = {code.lower(): code for code in known}
    near = near or [folds[fold] for fold in difflib.get_close_matches(text, folds, n=1)]
    return tuple(near[:_NEAR])
