"""How the code of a locale is written: BCP 47, and the other ways in which people write it.

`pt_PT`, `PT-pt`, `por-PT`, `pt_PT.UTF-8` and `pt-PT` are one tag; so are `iw-IL` and `he-IL`, whose
language was renamed. Which locale of a corpus or table a tag means is for
`massive_kit.languages.lookup` to say.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

_CODES = Path(__file__).with_name("subtags.csv")
# POSIX: an encoding and a modifier follow the code, as in `de_DE.UTF-8` and `sr_RS@latin`.
_POSIX = re.compile(r"([^.@]+)(?:\.[\w-]+)?(?:@(\w+))?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SCRIPT = re.compile(r"[a-z]{4}")
_REGION = re.compile(r"[a-z]{2}|[0-9]{3}")
# Variants, and extensions and private use, which one character opens.
_REST = re.compile(r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-z0-9](-[a-z0-9]{1,8})+)*")
_MODIFIERS = {"euro": "", "latin": "Latn", "cyrillic": "Cyrl", "devanagari": "Deva"}
# What Windows called the two scripts of Chinese before it took BCP 47.
_WINDOWS = {"chs": "Hans", "cht": "Hant"}
# The United Kingdom's own abbreviation, and Burma's former code.
_REGIONS = {"UK": "GB", "BU": "MM"}
# MASSIVE's files call Slovenian of Slovenia (SI) sl-SL.
_REGIONS_IN_MASSIVE = {("sl", "SI"): "SL"}
# Members of the macrolanguage Chinese beside Mandarin (cmn).
_CHINESE = {
    *("cdo", "cjy", "cnp", "cpx", "csp", "czh", "czo", "gan", "hak", "hnm", "hsn", "lzh", "luh"),
    *("mnp", "nan", "sjc", "wuu", "yue"),
}
_BY_CHARACTER = frozenset({"ja", "zh"}) | _CHINESE
_SCRIPTS_BY_CHARACTER = frozenset({"Hani", "Hans", "Hant", "Hira", "Hrkt", "Jpan", "Kana"})
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Tag:
    """The code of a locale in its parts.

    Attributes:
        language: Such as `pt` or `gsw`, the shortest code that there is.
        script: Such as `Hant`, or "".
        region: Such as `PT` or `419`, or "".
        rest: Variants, extensions and private use, such as `-valencia`, or "".
    """

    language: str
    script: str = ""
    region: str = ""
    rest: str = ""

    def __str__(self) -> str:
        """The code in the canonical form of BCP 47."""
        parts = (self.language, self.script, self.region)
        return "-".join(part for part in parts if part) + self.rest

    @property
    def assigned(self) -> bool:
        """Whether the language may exist; of those of two letters all are known."""
        return len(self.language) > 2 or self.language in _two_letter_codes()  # noqa: PLR2004 - letters

    @property
    def without_spaces(self) -> bool:
        """Whether it is written in Han or kana, which put no space between words."""
        if self.script:
            return self.script in _SCRIPTS_BY_CHARACTER
        return self.language in _BY_CHARACTER


@lru_cache(4096)
def read_tag(text: str) -> Tag | None:
    """The tag that a text means, or `None` where it is not one."""
    posix = _POSIX.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if posix is None:
        return None
    code, modifier = posix.groups("euro")
    language, *subtags = code.replace("_", "-").lower().split("-")
    if not _LANGUAGE.fullmatch(language) or modifier.lower() not in _MODIFIERS:
        return None
    tag = Tag(_codes().get(language, language), _MODIFIERS[modifier.lower()])
    if tag.language == "zh" and subtags and subtags[0] in {"cmn", *_CHINESE}:
        member = subtags.pop(0)
        tag = replace(tag, language=_codes().get(member, member))
    elif tag.language == "zh" and subtags and subtags[0] in _WINDOWS:
        tag = replace(tag, script=_WINDOWS[subtags.pop(0)])
    if subtags and _SCRIPT.fullmatch(subtags[0]):
        tag = replace(tag, script=subtags.pop(0).title())
    if subtags and _REGION.fullmatch(subtags[0]):
        region = subtags.pop(0).upper()
        region = _REGIONS.get(region, region)
        region = _REGIONS_IN_MASSIVE.get((tag.language, region), region)
        tag = replace(tag, region=region)
    rest = "".join(f"-{subtag}" for subtag in subtags)
    return replace(tag, rest=rest) if _REST.fullmatch(rest) else None


@cache
def _codes() -> dict[str, str]:
    """Other codes of a language, with the one that it is known by."""
    with _CODES.open(encoding="utf-8", newline="") as stream:
        return {row["subtag"]: row["read_as"] for row in csv.DictReader(stream)}


@cache
def _two_letter_codes() -> frozenset[str]:
    return frozenset(code for code in _codes().values() if len(code) == 2)  # noqa: PLR2004 - letters
