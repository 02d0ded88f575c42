"""The languages of the world that a benchmark has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from massive_kit.languages import LanguageTable
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.world.table import WorldLanguage, WorldTable


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Locales, and what they are in the world's table.

    Attributes:
        name: Of the benchmark.
        locales: Its locales.
        languages: Their languages by code, each once: zh-CN and zh-TW are one.
        scripts: The scripts that they are written in.
        unplaced: Locales whose language the world's table lacks.
    """

    name: str
    locales: tuple[str, ...]
    languages: dict[str, WorldLanguage]
    scripts: frozenset[str]
    unplaced: tuple[str, ...]

    @classmethod
    def of(
        cls, name: str, locales: Iterable[str], world: WorldTable, table: LanguageTable
    ) -> Benchmark:
        """The benchmark with some locales.

        Args:
            name: What it is called.
            locales: Its locales.
            world: The world's languages.
            table: The language table, for the script of each locale.
        """
        codes = tuple(dict.fromkeys(locales))
        places = {locale: world.find(locale) for locale in codes}
        languages = {place.code: place for place in places.values() if place}
        scripts = set()
        for locale, place in places.items():
            tag = read_tag(locale)
            in_tag = tag.script if tag else ""
            scripts.add(in_tag or table[locale].get("script") or (place.script if place else ""))
        unplaced = tuple(locale for locale, place in places.items() if place is None)
        return cls(name, codes, languages, frozenset(scripts - {""}), unplaced)

    def beside(self, languages: Iterable[WorldLanguage]) -> Benchmark:
        """The benchmark with some more languages, in their usual scripts."""
        more = {language.code: language for language in languages}
        if not more.keys() - self.languages.keys():
            return self
        scripts = {language.script for language in more.values()} - {""}
        names = ", ".join(language.name for language in more.values())
        return replace(
            self,
            name=f"{self.name} with {names}",
            languages={**self.languages, **more},
            scripts=self.scripts | scripts,
        )

    def covers(self, by: str) -> frozenset[str]:
        """The groups by a grouping of the world's table that it has a language of."""
        if by == "script":
            return self.scripts
        return frozenset(language.group(by) for language in self.languages.values()) - {""}
