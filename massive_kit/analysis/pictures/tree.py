"""Languages as a tree, the nearest joined first."""

from __future__ import annotations

from massive_kit.analysis.pictures.marks import Marks
from massive_kit.drawing import svg
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import LanguageMap

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 900.0, 32.0, 420.0, 68.0, 16.0
_FEWEST_ROWS = 26


def tree_picture(name: str, languages_map: LanguageMap, languages: LanguageTable) -> str:
    """The hierarchical clusters of the languages, as an SVG file.

    Args:
        name: What the model is called.
        languages_map: The clusters.
        languages: Genus and script of each language.
    """
    joins = languages_map.joins
    order = [*joins[-1].members[0], *joins[-1].members[1]] if joins else [*languages_map.places]
    rows = {locale: _TOP + _ROW * number for number, locale in enumerate(order)}
    tallest = max([join.height for join in joins] + [1e-9])
    # By its first language, where a cluster's branch begins.
    ends: dict[frozenset[str], svg.Point] = {
        frozenset([locale]): (_RIGHT, row) for locale, row in rows.items()
    }
    parts = []
    for join in joins:
        x = _RIGHT - (_RIGHT - _LEFT) * join.height / tallest
        sides = [ends[frozenset(members)] for members in join.members]
        parts += [svg.rule(side, (x, side[1]), "branch") for side in sides]
        parts.append(svg.rule((x, sides[0][1]), (x, sides[1][1]), "branch"))
        middle = (sides[0][1] + sides[1][1]) / 2
        ends[frozenset(join.members[0]) | frozenset(join.members[1])] = (x, middle)
    marks = Marks.of(languages, order)
    for locale, row in rows.items():
        language = languages[locale]
        genus = language.get("genus") or ""
        parts.append(marks.drawn(_RIGHT + 12, row, locale))
        parts.append(svg.words(_RIGHT + 24, row + 4, f"{locale}  {language.name}"))
        parts.append(svg.words(_RIGHT + 180, row + 4, genus, kind="soft"))
    parts += marks.legend(_WIDTH - 140, _TOP)
    agreed = ", ".join(
        f"{column} {value:z.2f}" for column, value in languages_map.agreement.items()
    )
    below = f"layer {languages_map.layer}, average linkage by cosine of mean vectors"
    if agreed:
        below += f"; adjusted Rand index: {agreed}"
    height = _TOP + _ROW * max(len(order), _FEWEST_ROWS) + 16
    parts.append(svg.words(16, 44, below, kind="soft"))
    return svg.document(_WIDTH, height, f"Clusters of languages: {name}", parts)
