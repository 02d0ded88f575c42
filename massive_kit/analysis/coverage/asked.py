"""Which languages of the world somebody means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from massive_kit.errors import UsageError
from massive_kit.languages.world.table import WorldLanguage, WorldTable


def named(world: WorldTable, option: str, given: Iterable[str]) -> list[WorldLanguage]:
    """The languages of codes, locales or English names.

    Args:
        world: The world's languages.
        option: Where they were given, for the message.
        given: What was given.

    Raises:
        UsageError: One of them, or more, is no language of the world's table.
    """
    by_name = {language.name.casefold(): language for language in world}
    places = {text: by_name.get(text.casefold()) or world.find(text) for text in given}
    problems = []
    for text, place in places.items():
        if place is None:
            near = difflib.get_close_matches(text.casefold(), by_name, n=1)
            hint = (
                f" (did you mean {by_name[near[0]].name}, {by_name[near[0]].code}?)" if near else ""
            )
            problems.append(f"{text!r}{hint}")
    if problems:
        raise UsageError(
            f"{option}: no living language with a code and a place is {', '.join(problems)};"
            " give a code such as yo or yor, or an English name"
        )
    return [place for place in places.values() if place]
