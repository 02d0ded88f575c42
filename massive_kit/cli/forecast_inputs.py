"""What `massive-kit forecast` reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from massive_kit.analysis.forecast.assembling import evidence_of_probe, merged
from massive_kit.analysis.forecast.language_blocks import Evidence
from massive_kit.analysis.forecast.system_scores import (
    SystemScores,
    TableChoice,
    scores_of_evaluation,
    scores_of_table,
)
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.errors import ContentError, MissingDataError, MissingExtraError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import load_probe

_STORE = "1.1"


def systems(
    given: Sequence[str], metric: str, languages: LanguageTable
) -> tuple[SystemScores, list[SystemScores]]:
    """The system to forecast, and the others.

    Args:
        given: Folders and tables.
        metric: Of their scores.
        languages: For spellings of locales.

    Raises:
        ContentError: Some are wrong; all mistakes are told.
        UsageError: The first one names several systems.
    """
    read: list[list[SystemScores]] = []
    problems: list[ContentError] = []
    for place in given:
        try:
            read.append(_read(place, given, metric, languages))
        except ContentError as error:
            problems.append(error)
    if problems:
        summary = "; ".join(str(error.args[0]) for error in problems)
        raise ContentError(summary, [problem for error in problems for problem in error.problems])
    first, *others = read[0]
    if others:
        names = ", ".join(system.name for system in read[0])
        raise UsageError(f"{given[0]} holds {names}; name one of them as in table.csv:MODEL")
    every = {system.name: system for group in read[1:] for system in group}
    every.pop(first.name, None)
    return first, [*every.values()]


def evidence(probe: Path | None, tokenizer: Path | None, data: str | None, source: str) -> Evidence:
    """What is known of languages beside the tables.

    Args:
        probe: A `probe.json`.
        tokenizer: A tokenizer.
        data: The store that it cuts the texts of.
        source: The language whose labels the system learnt.

    Raises:
        UsageError: A store without a tokenizer.
        MissingDataError: The probe, the tokenizer or the store is not there.
        MissingExtraError: The package tokenizers is not installed.
    """
    if data is not None and tokenizer is None:
        raise UsageError("--data is what --tokenizer cuts; give both")
    if probe is not None and not probe.is_file():
        raise MissingDataError(f"{probe} not found; `massive-kit probe --out FOLDER` writes one")
    probed = evidence_of_probe(load_probe(probe)) if probe else Evidence()
    if tokenizer is None:
        return probed
    # One package of two extras, and neither is needed whole.
    if find_spec("tokenizers") is None:
        raise MissingExtraError("deploy", "cutting text with a tokenizer")
    from massive_kit.analysis.forecast.token_facts import token_facts

    return merged(probed, token_facts(tokenizer, data or _STORE, source))


def _read(
    given: str, every: Sequence[str], metric: str, languages: LanguageTable
) -> list[SystemScores]:
    choice = TableChoice.of(given)
    if choice is not None:
        return scores_of_table(choice, metric, languages)
    scores = SavedEvaluation.open(Path(given)).scores
    name = _name(_folder(given), {_folder(other) for other in every})
    return [scores_of_evaluation(scores, metric, name)]


def _folder(given: str) -> Path:
    path = Path(given)
    return path if path.is_dir() else path.parent


def _name(folder: Path, every: Iterable[Path]) -> str:
    """The last parts of a path, as many as tell it from others."""
    others = [other.parts for other in every if other != folder]
    count = 1
    while count < len(folder.parts) and any(
        parts[-count:] == folder.parts[-count:] for parts in others
    ):
        count += 1
    return "/".join(folder.parts[-count:])
