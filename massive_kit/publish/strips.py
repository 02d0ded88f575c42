"""Small multiples: the languages of each group on one scale, against all languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from massive_kit.counted import counted
from massive_kit.publish import svg
from massive_kit.publish.text import safe_text

# A page of a thousand languages has hundreds of genera.
_MOST = 24
_TICK, _MIDDLE, _HEIGHT = 7, 12, 30
_ALL = "all-languages"


@dataclass(frozen=True, slots=True)
class StripGroup:
    """A group of languages.

    Attributes:
        name: What it is called.
        scores: Of its languages, in 0..1.
        mean: The mean over them, as scored; `None` where there is none.
    """

    name: str
    scores: Sequence[float]
    mean: float | None


def shared_ticks(axis: svg.Axis, scores: Mapping[str, float]) -> Markup:
    """What all strips of a page show alike: a tick for each language, and the ends of the scale."""
    ticks = "".join(f"M{axis.x(value):g} {_TICK}v10" for value in sorted(scores.values()))
    ends = "".join(
        f'<text class="end" x="{x:g}" y="{_HEIGHT - 1}" text-anchor="{anchor}">'
        f"{100 * value:g}</text>"
        for x, anchor, value in (
            (4, "start", axis.low),
            (svg.WIDTH / 2, "middle", (axis.low + axis.high) / 2),
            (svg.WIDTH - 4, "end", axis.high),
        )
    )
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="vh" aria-hidden="true"><g id="{_ALL}"><path class="all" d="{ticks}"/>'
        f"{ends}</g></svg>"
    )


def strips(axis: svg.Axis, groups: Sequence[StripGroup], caption: str) -> Markup:
    """A strip for each group of two languages or more, and one for all others together.

    Needs `shared_ticks` on the same page.

    Args:
        axis: The scale.
        groups: The groups, in the order of their table.
        caption: What is shown, in a sentence, for who does not see it.
    """
    many = [group for group in groups if len(group.scores) > 1]
    if not many:
        return Markup("")
    shown = sorted(many, key=lambda group: -len(group.scores))[:_MOST]
    parts = [
        _strip(axis, safe_text(group.name), group.scores, group.mean)
        for group in groups
        if group in shown
    ]
    single = [score for group in groups if len(group.scores) == 1 for score in group.scores]
    if single:
        parts.append(_strip(axis, "groups of one language", single, None))
    if len(shown) < len(many):
        caption += f" The {counted(len(shown), 'largest group')} are drawn."
    return Markup('<div class="strips" role="img" aria-label="{}">{}</div>').format(
        caption, Markup("").join(parts)
    )


def _strip(axis: svg.Axis, name: str, scores: Sequence[float], mean: float | None) -> Markup:
    dots = "".join(f"M{axis.x(value):g} {_MIDDLE}h0" for value in sorted(scores))
    line = "" if mean is None else f'<path class="mean" d="M{axis.x(mean):g} 3v18"/>'
    return Markup(  # noqa: S704 - numbers, and a name that is escaped
        f'<div><p>{escape(name)} <span class="count">{len(scores)}</span></p>'
        f'<svg viewBox="0 0 {svg.WIDTH} {_HEIGHT}"><use href="#{_ALL}"/>'
        f'<path class="dots" d="{dots}"/>{line}</svg></div>'
    )
