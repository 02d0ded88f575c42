"""Systems by what they had seen: labels of a language in training, its text in pre-training."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from massive_kit.breakdown.mean_over_locales import mean_over
from massive_kit.publish import declared
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.replicates import replicates_of
from massive_kit.schema.scores import Estimate

TITLE = "by what was seen in training"
PATH = "averages/seen.html"

_Facet = Callable[[BoardModel, Entry, str], str]


@dataclass(frozen=True, slots=True)
class SeenPart:
    """A mean over the languages that a system had seen, or over those that it had not.

    Attributes:
        locales: The languages; `None` where nothing says which they are.
        score: The mean over them; `None` where there is none, or one of them has no score.
    """

    locales: tuple[str, ...] | None
    score: Estimate | None

    @property
    def languages(self) -> int | None:
        """How many languages there are."""
        return None if self.locales is None else len(self.locales)


@dataclass(frozen=True, slots=True)
class SeenMeans:
    """The means of one system.

    Attributes:
        entry: The system.
        labels: Over the languages whose labels it learnt, and over the others, of all that were
            scored.
        text: Over the languages that its pre-trained model had seen, and over the others, of those
            that averages run over.
    """

    entry: Entry
    labels: tuple[SeenPart, SeenPart]
    text: tuple[SeenPart, SeenPart]

    @property
    def known(self) -> bool:
        """Whether anything is known of what it had seen."""
        return any(part.locales is not None for part in (*self.labels, *self.text))


def declares(model: BoardModel) -> bool:
    """Whether any manifest says which languages were seen; settings alone split no system."""
    return any(
        entry.manifest.label_languages is not None or declared.anyone_tells([entry])
        for ranked in model.sections
        for entry in ranked.entries
    )


def systems_alike(model: BoardModel) -> list[list[SeenMeans]]:
    """The systems of all settings, those together that were scored on the same data."""
    parties: dict[Hashable, list[SeenMeans]] = {}
    for ranked in model.sections:
        for entry in ranked.entries:
            parties.setdefault(entry.scored_on, []).append(seen_means(model, entry))
    return [party for party in parties.values() if any(means.known for means in party)]


def seen_means(model: BoardModel, entry: Entry) -> SeenMeans:
    """The means of a system in the metric that ranks, with intervals where it has resamples."""
    scores = entry.scores
    labels = _parts(model, entry, scores.locales, declared.learnt_facet)
    return SeenMeans(entry, labels, _parts(model, entry, scores.averaged, declared.seen_facet))


def _parts(
    model: BoardModel, entry: Entry, locales: Iterable[str], facet: _Facet
) -> tuple[SeenPart, SeenPart]:
    by_facet: dict[str, list[str]] = {}
    for locale in locales:
        by_facet.setdefault(facet(model, entry, locale), []).append(locale)
    if declared.UNKNOWN in by_facet:
        return SeenPart(None, None), SeenPart(None, None)
    seen, others = (by_facet.get(name, []) for name in (declared.SEEN_BEFORE, declared.NOT_SEEN))
    return _part(model, entry, seen), _part(model, entry, others)


def _part(model: BoardModel, entry: Entry, names: list[str]) -> SeenPart:
    replicates = replicates_of(entry) if names else None
    score = mean_over(names, entry.scores.locales, model.board.metric, replicates)
    return SeenPart(tuple(names), score)
