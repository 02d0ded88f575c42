"""Which colour and which shape stand for which group of languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.drawing import svg
from massive_kit.languages import LanguageTable
from massive_kit.languages.groupings import MISSING, groups

# More than can be told apart at a glance, so each point is named as well.
_COLOURS = (*svg.COLOURS, "#8c564b", "#17becf", "#7f3c8d", "#5b8c00", "#b07d00", "#3969ac")
_OTHER_SHAPE = "diamond"


@dataclass(frozen=True, slots=True)
class Marks:
    """Colours of genera and shapes of scripts.

    Attributes:
        languages: The language table.
        colours: Of the genera with two languages or more.
        shapes: Of the scripts that most languages have; all others share one.
    """

    languages: LanguageTable
    colours: dict[str, str]
    shapes: dict[str, str]

    @classmethod
    def of(cls, languages: LanguageTable, locales: Sequence[str]) -> Marks:
        """The marks for some languages."""
        genera = _shared(languages, "genus", locales)
        scripts = _shared(languages, "script_name", locales)
        shapes = [shape for shape in svg.MARKERS if shape != _OTHER_SHAPE]
        return cls(
            languages,
            dict(zip(genera, _COLOURS, strict=False)),
            dict(zip(scripts, shapes, strict=False)),
        )

    def drawn(self, x: float, y: float, locale: str) -> str:
        """The point of a language."""
        language = self.languages[locale]
        genus, script = language.get("genus") or "", language.get("script_name") or ""
        title = ", ".join(part for part in (language.name, genus, script) if part)
        shape = self.shapes.get(script, _OTHER_SHAPE)
        return svg.marker(x, y, shape, self.colours.get(genus), title)

    def legend(self, x: float, y: float) -> list[str]:
        """What the marks mean, downwards from a place."""
        parts, row = [svg.words(x, y, "genus", kind="soft")], 17.0
        for genus, colour in self.colours.items():
            y += row
            parts += [svg.marker(x + 5, y - 4, "circle", colour), svg.words(x + 16, y, genus)]
        y += row
        parts += [svg.marker(x + 5, y - 4, "circle", None), svg.words(x + 16, y, "one language")]
        y += 2 * row
        parts.append(svg.words(x, y, "script", kind="soft"))
        for script, shape in (*self.shapes.items(), ("other", _OTHER_SHAPE)):
            y += row
            parts += [svg.marker(x + 5, y - 4, shape, None), svg.words(x + 16, y, script)]
        return parts


def _shared(languages: LanguageTable, column: str, locales: Sequence[str]) -> list[str]:
    return [
        group.name
        for group in groups(languages, column, locales)
        if not group.singleton and group.name != MISSING
    ]
