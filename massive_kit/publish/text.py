"""Text from manifests is hostile until it has passed through here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

from markupsafe import Markup

# Persian and the Indic scripts need the two joiners; all else of category Cf steers or hides.
_JOINERS = frozenset("\u200c\u200d")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Spreadsheets run what starts so, also after spaces and in full width.
_FORMULA = frozenset("=+-@|%\uff1d\uff0b\uff0d\uff20")
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_PLAIN = re.compile(r"[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]*")


def safe_text(text: str) -> str:
    r"""One line of text; bidi controls and other unseen characters are spelled out as `\u202e`."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t\r":
        return " "
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return character
    return f"\\u{ord(character):04x}"


def safe_lines(text: str) -> Markup:
    """Several lines of text as HTML, each of them safe."""
    return Markup("\n").join(safe_text(line) for line in text.splitlines())


def safe_link(url: str | None) -> str | None:
    """The URL if it may become a link: http or https, plain ASCII, no name before the host.

    `https://massive.org@evil.example` leads to evil.example; such a URL is shown as text instead.
    """
    if not url or not url.isascii() or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    if any(character in url for character in "<>\"'`\\ "):
        return None
    return url


def enumerated(words: Sequence[str]) -> str:
    """Words in a sentence: `Thai, Khmer and Burmese`."""
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def csv_text(text: str) -> str:
    """Text for a CSV cell; what a spreadsheet would run as a formula gets an apostrophe before."""
    shown = safe_text(text)
    stripped = shown.lstrip()
    if stripped and stripped[0] in _FORMULA:
        return f"'{shown}"
    return shown


def latex(text: str) -> str:
    """Text as BibTeX and LaTeX take it."""
    return safe_text(text).translate(_LATEX)
