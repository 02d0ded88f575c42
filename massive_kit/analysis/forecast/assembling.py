"""A request to forecast, assembled from scores, languages and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from massive_kit.analysis.forecast.forecasting import (
    FEWEST_LANGUAGES,
    MOST_LANGUAGES,
    ForecastRequest,
)
from massive_kit.analysis.forecast.language_blocks import Evidence, TokenFacts
from massive_kit.analysis.forecast.language_rows import LanguageRow, language_row
from massive_kit.analysis.forecast.system_scores import SystemScores
from massive_kit.counted import counted
from massive_kit.errors import MassiveKitError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.typology.table import TypologyTable
from massive_kit.schema.probe import Probe

DEFAULT_SOURCE = "en-US"
# Means every language that any table has.
EVERY = "all"


@dataclass(frozen=True, slots=True)
class Assembled:
    """A request, and what was left out of it.

    Attributes:
        request: The request.
        unplaced: Measured languages that the table of typology lacks.
    """

    request: ForecastRequest
    unplaced: tuple[str, ...]


def assembled(
    system: SystemScores,
    others: Sequence[SystemScores],
    targets: Sequence[LanguageRow],
    languages: LanguageTable,
    evidence: Evidence,
    *,
    source: str | None = None,
    level: float = 0.9,
) -> Assembled:
    """A request to forecast a system's scores.

    Args:
        system: The system.
        others: Other systems.
        targets: The languages asked for; those of the language table where there are none.
        languages: The language table.
        evidence: What is known beside tables and systems.
        source: The language whose labels the system learnt; default: as its scores say, or English.
        level: Share of cases that intervals should hold.

    Raises:
        MassiveKitError: Too few languages are measured, or too many.
        UsageError: The source language is not known.
    """
    code = source or system.source or DEFAULT_SOURCE
    origin = named_languages([code], languages)[0]
    rows = {row.code: row for row in named_languages([*system.values], languages)}
    values = by_code(system, languages)
    beside = [row for row in rows.values() if row.code != origin.code]
    placed = [row for row in beside if row.typology is not None]
    if len(placed) > MOST_LANGUAGES:
        raise MassiveKitError(
            f"{system.name} is measured in {len(placed):,} languages; {MOST_LANGUAGES} at most are"
            " read"
        )
    if len(placed) < FEWEST_LANGUAGES:
        raise MassiveKitError(
            f"{system.name} is measured in {counted(len(placed), 'language')} beside"
            f" {origin.code}; a forecast needs {FEWEST_LANGUAGES}"
        )
    measured = {row.code for row in placed}
    asked = targets or [named_languages([locale], languages)[0] for locale in languages.languages]
    wanted = [row for row in asked if row.code not in measured and row.code != origin.code]
    named = {other.name: by_code(other, languages) for other in others}
    request = ForecastRequest(
        placed,
        [values[row.code] for row in placed],
        wanted,
        origin,
        Evidence(evidence.tokens, evidence.retrieval, named),
        level,
    )
    return Assembled(request, tuple(row.code for row in beside if row.typology is None))


def by_code(system: SystemScores, languages: LanguageTable) -> dict[str, float]:
    """A system's scores by the codes of `LanguageRow`: those of `de` are of de-DE."""
    rows = named_languages([*system.values], languages)
    return {row.code: value for row, value in zip(rows, system.values.values(), strict=True)}


def named_languages(given: Sequence[str], languages: LanguageTable) -> list[LanguageRow]:
    """The languages that somebody names, by locale, code or English name; `all` of them.

    Raises:
        UsageError: Some cannot be the name of a language; all are told.
    """
    typology = TypologyTable.shipped()
    if EVERY in given:
        return _every_language(languages, typology)
    rows: list[LanguageRow] = []
    unknown: list[str] = []
    for name in given:
        row = language_row(name, languages, typology)
        tag = read_tag(name)
        if row is None and tag is not None and tag.assigned:
            # A code of a language that no table knows is said to be unlike anything.
            row = LanguageRow(str(tag), str(tag), None, tag.script, by_character=False, gib=0.0)
        if row is None:
            hint = languages.match(name).hint
            unknown.append(f"{name!r}" + (f" ({hint})" if hint else ""))
        else:
            rows.append(row)
    if unknown:
        raise UsageError(
            f"no language {', '.join(unknown)}; give a locale (sw-KE), a code (yo) or an English"
            " name (Yoruba)"
        )
    return rows


def _every_language(languages: LanguageTable, typology: TypologyTable) -> list[LanguageRow]:
    rows = [language_row(code, languages, typology) for code in languages.languages]
    known = {row.typology.code for row in rows if row is not None and row.typology is not None}
    rows += [
        language_row(code, languages, typology) for code in typology.languages if code not in known
    ]
    # Two codes of the table may mean one locale.
    return [*{row.code: row for row in rows if row is not None}.values()]


def evidence_of_probe(probe: Probe) -> Evidence:
    """Retrieval at the last layer, centred; and the fertility of the probed model's tokenizer."""
    others = {code: row for code, row in probe.locales.items() if code != probe.against}
    return Evidence(
        {
            code: TokenFacts(row.subwords_per_token, row.subwords_per_utterance)
            for code, row in others.items()
        },
        {code: row.layers[-1].centred_cosine.at_1 for code, row in others.items()},
    )


def merged(probed: Evidence, tokens: Mapping[str, TokenFacts]) -> Evidence:
    """Evidence of a probe, with what a tokenizer of one's own says instead of the probe's."""
    return Evidence(tokens or probed.tokens, probed.retrieval)
