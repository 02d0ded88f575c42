"""The maps of the pages: of a system, of the best in each language, of a pair."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from massive_kit.breakdown.replicate_comparison import PairedDifference
from massive_kit.publish import cells
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.colour_scale import ColourScale
from massive_kit.publish.entries import Entry, best, estimate_of
from massive_kit.publish.text import safe_text
from massive_kit.publish.world_map import gap_map, score_map
from massive_kit.schema.scores import Estimate

# More would push the table off the page.
_MOST_MAPS = 4


def system_maps(model: BoardModel, entry: Entry, root: str) -> Markup:
    """The scores of a system, and how far it is from the best of its section.

    The colours of scores are those of the whole section, so that maps of two systems compare.
    """
    metric = model.board.metric
    scores = _scores(entry, metric)
    ranked = model.section_of(entry)
    colours = _section_colours(model, ranked) if ranked else ColourScale.of(scores.values())
    maps = score_map(model, root, scores, colours, f"{cells.heading(metric)}, in percent")
    other = _rival(ranked, entry) if ranked else None
    if other is not None and other.scores.scheme == entry.scores.scheme:
        gaps = _gaps(other, entry, metric)
        title = f"Difference to {safe_text(other.manifest.title)}, place {_place(model, other)}"
        maps += gap_map(model, root, gaps, title)
    return _together(maps)


def best_map(model: BoardModel) -> Markup:
    """The best score of any system in each language, a map for each of the first sections."""
    metric = model.board.metric
    maps = Markup("")
    for ranked in model.sections[:_MOST_MAPS]:
        scores = {
            locale: score.value
            for locale in model.locales
            if (
                score := best(
                    (_estimate(entry, locale, metric) for entry in ranked.entries), metric
                )
            )
        }
        title = f"Best {cells.in_sentence(metric)}, {safe_text(ranked.section.title)}"
        maps += score_map(model, "", scores, ColourScale.of(scores.values()), title)
    return _together(maps)


def pair_map(
    model: BoardModel,
    first: Entry,
    second: Entry,
    root: str,
    tests: Mapping[tuple[str, str], PairedDifference],
) -> Markup:
    """How far the second of two systems is from the first; rings where no test tells them apart."""
    metric = model.board.metric
    if first.scores.scheme != second.scores.scheme:
        return Markup("")
    gaps = _gaps(first, second, metric)
    sure = [
        locale
        for locale in gaps
        if (test := tests.get((f"locale:{locale}", metric))) is not None and test.significant
    ]
    title = f"{cells.heading(metric)}, second minus first"
    return _together(gap_map(model, root, gaps, title, sure if tests else None))


def _together(maps: Markup) -> Markup:
    return Markup('<div class="figures">{}</div>').format(maps) if maps else maps


def _section_colours(model: BoardModel, ranked: RankedSection) -> ColourScale:
    metric = model.board.metric

    def colours() -> ColourScale:
        return ColourScale.of(
            value for entry in ranked.entries for value in _scores(entry, metric).values()
        )

    return model.once(("section colours", ranked.section.id), colours)


def _rival(ranked: RankedSection, entry: Entry) -> Entry | None:
    """The best of a section; of the best itself, the one after it."""
    others = (standing.entry for standing in ranked.standings if standing.scored)
    return next((other for other in others if other is not entry), None)


def _place(model: BoardModel, entry: Entry) -> int:
    return model.standings[entry.key][1].place


def _scores(entry: Entry, metric: str) -> dict[str, float]:
    return {
        locale: score.value
        for locale in entry.scores.locales
        if (score := _estimate(entry, locale, metric)) is not None
    }


def _estimate(entry: Entry, locale: str, metric: str) -> Estimate | None:
    return estimate_of(entry.scores.locales.get(locale), metric)


def _gaps(first: Entry, second: Entry, metric: str) -> dict[str, float]:
    before, after = _scores(first, metric), _scores(second, metric)
    return {locale: after[locale] - before[locale] for locale in after if locale in before}
