"""Text that comes from outside, as it can be set in a figure."""

from __future__ import annotations

import unicodedata
from functools import cache

from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font

from massive_kit.errors import escape_invisible

FONT = "DejaVu Sans"
# matplotlib sets these from left to right, and joins no Arabic letters.
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


def can_be_set(text: str) -> bool:
    """Whether the font has all letters of a text, and runs their way."""
    return all(
        ord(letter) in _letters() and unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT
        for letter in text
    )


def lettering(text: str) -> str:
    r"""A text with what cannot be set as `\u....`, and no part of it taken for mathematics."""
    shown = "".join(
        letter if can_be_set(letter) else f"\\u{ord(letter):04x}"
        for letter in escape_invisible(text)
    )
    # A legend leaves out what begins with an underscore.
    return ("\u200a" if shown.startswith("_") else "") + shown.replace("$", r"\$")


@cache
def _letters() -> frozenset[int]:
    return frozenset(FT2Font(findfont(FontProperties(family=FONT))).get_charmap())
