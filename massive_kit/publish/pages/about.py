"""How to read the board, and the page for addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from massive_kit import content
from massive_kit.languages import Language
from massive_kit.publish import cells, embed, release, results_file, shared_columns
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.page import NavEntry, Page
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.span_scheme import SpanScheme

NAV = NavEntry(8, "about", "About", "about.html")
# What a setting allows; `{source}` is the language that a board's systems transfer from.
SETTINGS = {
    "full": "Trained on all languages that are scored.",
    "zero-shot": (
        "Trained on {source} alone. Checkpoint and hyper-parameters may be selected on the"
        " development sets of all languages, as in the paper."
    ),
    "zero-shot-strict": "Trained and selected on {source} alone.",
    "few-shot": "Trained on {source} and on a few utterances of each language.",
    "translate-train": "Trained on {source} and on machine translations of it.",
    "in-context": "A language model is given instructions and examples; no weight is changed.",
}
_RULES: dict[str, str] = {
    **{name: cells.in_sentence(name) for name in MAIN_METRICS},
    "parameters": "fewer parameters",
    "date": "the earlier date",
}


def pages(model: BoardModel) -> Iterator[Page]:
    """About and 404."""
    board = model.board
    source = source_language(model)
    locales = [model.language(locale) for locale in model.locales]
    yield Page(
        "about.html",
        "about.html",
        "About this board",
        "about",
        context={
            "metric": cells.in_sentence(board.metric),
            "average": cells.average_title(board.average),
            "tie_break": [_RULES[rule] for rule in board.tie_break],
            "settings": {name: text.format(source=source) for name, text in SETTINGS.items()},
            "groupings": [shared_columns.label(by).lower() for by in board.groupings],
            "systems": len(model.versions),
            "published": any(entry.published for entry in model.versions),
            "tasks": tasks(model),
            "in_runs": _counted_by(model, "runs"),
            "in_brackets": _counted_by(model, "brackets"),
            "parallel": _resampled_by(model, "ids shared by all locales"),
            "not_parallel": _resampled_by(model, "rows within each locale"),
            "spaced": _named(language for language in locales if language.artificial_spacing),
            "by_character": _named(language for language in locales if language.character_scored),
            "embedded": [(ranked.section.title, embed.path(ranked)) for ranked in model.sections],
        },
        files={
            **results_file.results_files(model),
            release.CITATION: release.citation_cff(model),
            **{embed.path(ranked): embed.table(model, ranked) for ranked in model.sections},
        },
    )
    yield Page("404.html", "404.html", "No such page", listed=False)


def tasks(model: BoardModel) -> list[str]:
    """The tasks of the board: those that its sections name, then others that were scored."""
    patterns = [pattern for section in model.board.sections for pattern in section.tasks]
    known = content.names("tasks")
    named = [task for pattern in patterns for task in known if fnmatchcase(task, pattern)]
    return list(dict.fromkeys([*named, *(entry.scores.task for entry in model.versions)]))


def source_language(model: BoardModel) -> str:
    """The language that systems transfer from, where it is one for all of them."""
    locales = {entry.scores.source_locale for entry in model.versions} - {None}
    return model.language(str(locales.pop())).name if len(locales) == 1 else "the source language"


def _resampled_by(model: BoardModel, unit: str) -> list[str]:
    """The tasks whose intervals were made by drawing that unit."""
    scored = (entry.scores for entry in model.versions if entry.scores.interval.unit == unit)
    return list(dict.fromkeys(scores.task for scores in scored))


def _counted_by(model: BoardModel, scheme: SpanScheme) -> list[str]:
    """The tasks whose spans are those of a scheme."""
    scored = (entry.scores for entry in model.versions if entry.scores.scheme == scheme)
    return list(dict.fromkeys(scores.task for scores in scored))


def _named(languages: Iterable[Language]) -> list[str]:
    return sorted({language.name for language in languages})
