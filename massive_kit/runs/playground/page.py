"""The page: a form, and what each system made of the text."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from massive_kit.languages import LanguageTable
from massive_kit.runs.playground.readings import Reading

if TYPE_CHECKING:
    from jinja2 import Template

# As many as the stylesheet has.
_COLOURS = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page.

    Attributes:
        text: What was typed.
        locale: Which language was chosen.
        readings: What the systems made of it; none before anything was typed.
        problem: Why there is nothing, in one sentence.
    """

    text: str
    locale: str
    readings: Sequence[Reading] = ()
    problem: str = ""


def stylesheet() -> str:
    """The page's stylesheet."""
    return _asset("page.css")


def page(shown: Shown, languages: LanguageTable, systems: Sequence[str]) -> str:
    """The page as HTML.

    Args:
        shown: What stands on it.
        languages: Those that can be chosen.
        systems: Names of the systems.
    """
    choices = sorted(
        ((languages[locale].name, locale) for locale in languages.languages), key=lambda one: one
    )
    html: str = _template().render(
        shown=shown, choices=choices, systems=systems, colour=colour, percent=_percent
    )
    return html


def colour(slot: str) -> int:
    """The number of a slot's colour, the same on every page."""
    return zlib.crc32(slot.encode()) % _COLOURS


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _asset(name: str) -> str:
    return (files("massive_kit.runs.playground") / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_asset("page.html"))
