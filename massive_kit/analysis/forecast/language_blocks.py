"""What describes languages to a forecast, block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from massive_kit.analysis.forecast.blocks import Array, Block, Columns, Neighbours
from massive_kit.analysis.forecast.language_rows import LanguageRow
from massive_kit.languages.typology.distances import KINDS, distances

# GiB; a language without text is five times below the smallest of CC-100's table.
_LEAST_TEXT = 0.02
# Geographic distance is a share of half the globe, and rarely more than half of that.
_NEARNESS = {"genetic": 1.0, "geographic": 2.0, "syntactic": 1.0, "inventory": 1.0}
# Squared, what another script adds to a distance.
_OTHER_SCRIPT = 0.04
_WIDTH = 0.35


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a tokenizer makes of a language's text.

    Attributes:
        subwords_per_token: Its fertility.
        subwords_per_utterance: Length of an utterance.
        unknown: Share of the subwords that are unknown, or `None`.
        overlap: Share of its subwords that occur in the source language's text, or `None`.
    """

    subwords_per_token: float
    subwords_per_utterance: float
    unknown: float | None = None
    overlap: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beside the tables, by locale.

    Attributes:
        tokens: What a tokenizer makes of the text.
        retrieval: Share of the utterances whose translation is nearest.
        systems: Scores of other systems, by name.
    """

    tokens: Mapping[str, TokenFacts] = field(default_factory=dict)
    retrieval: Mapping[str, float] = field(default_factory=dict)
    systems: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def language_blocks(
    rows: Sequence[LanguageRow], source: LanguageRow, evidence: Evidence, far: Array
) -> tuple[Block, ...]:
    """All blocks; of those that rest on evidence, only where there is any.

    Args:
        rows: Measured languages and those to forecast.
        source: The language whose labels the system learnt.
        evidence: What is known beside the tables.
        far: `nearness` of the rows.
    """
    blocks: list[Block] = [
        _distances(rows, source),
        _columns("writing", "writing", rows, _writing_columns(source)),
        _columns("text", "text in CC-100", rows, {"size": _text_size}),
    ]
    if evidence.tokens:
        blocks.append(_tokens(rows, evidence.tokens))
    if evidence.retrieval:
        retrieval = {"retrieval": lambda row: _log_odds(evidence.retrieval.get(row.code))}
        blocks.append(_columns("retrieval", "retrieval", rows, retrieval))
    if evidence.systems:
        scores = {name: _lookup(values) for name, values in evidence.systems.items()}
        blocks.append(_columns("systems", "other systems", rows, scores))
    blocks.append(Neighbours("near", "near languages", far, _WIDTH))
    return tuple(blocks)


def nearness(rows: Sequence[LanguageRow], measured: int | None = None) -> Array:
    """One distance between languages: root of the mean square of kinds, and the script.

    Args:
        rows: The languages, measured ones first.
        measured: Only distances to so many first ones; default: to all.

    Returns:
        Languages by measured languages; NaN to one without typology.
    """
    chosen = [KINDS.index(kind) for kind in _NEARNESS]
    scale = np.array([*_NEARNESS.values()])
    columns = [
        (place, row, row.typology)
        for place, row in enumerate(rows[:measured])
        if row.typology is not None
    ]
    places = [place for place, _, _ in columns]
    typologies = [typology for _, _, typology in columns]
    result = np.full((len(rows), len(rows[:measured])), np.nan)
    for place, row in enumerate(rows):
        if row.typology is None:
            continue
        kinds = distances(row.typology, typologies)[:, chosen] * scale
        squares = np.nanmean(kinds**2, axis=1)
        squares += [_OTHER_SCRIPT * (row.script != other.script) for _, other, _ in columns]
        result[place, places] = np.sqrt(squares)
    return result


def _distances(rows: Sequence[LanguageRow], source: LanguageRow) -> Columns:
    values = np.full((len(rows), len(KINDS)), np.nan)
    for place, row in enumerate(rows):
        if row.typology is not None and source.typology is not None:
            values[place] = distances(source.typology, [row.typology])[0]
    return Columns("distances", f"distances to {source.code}", KINDS, values, bounded=True)


def _writing_columns(source: LanguageRow) -> dict[str, Callable[[LanguageRow], float | None]]:
    return {
        "latin": lambda row: float(row.script == "Latn"),
        "same_script": lambda row: float(row.script == source.script),
        "by_character": lambda row: float(row.by_character),
        "spaced_by_annotators": lambda row: float(row.spaced_by_annotators),
    }


def _tokens(rows: Sequence[LanguageRow], tokens: Mapping[str, TokenFacts]) -> Columns:
    readings: dict[str, Callable[[TokenFacts], float | None]] = {
        "fertility": lambda facts: float(np.log(max(facts.subwords_per_token, 1e-3))),
        "length": lambda facts: float(np.log(max(facts.subwords_per_utterance, 1e-3))),
        "unknown": lambda facts: facts.unknown,
        "overlap": lambda facts: facts.overlap,
    }
    values = {
        name: {code: read(facts) for code, facts in tokens.items()}
        for name, read in readings.items()
    }
    used = {
        name: _lookup(by_code)
        for name, by_code in values.items()
        if any(value is not None for value in by_code.values())
    }
    return _columns("tokens", "tokenizer", rows, used)


def _columns(
    name: str,
    title: str,
    rows: Sequence[LanguageRow],
    readings: Mapping[str, Callable[[LanguageRow], float | None]],
) -> Columns:
    cells = [[read(row) for read in readings.values()] for row in rows]
    return Columns(name, title, tuple(readings), np.array(cells, dtype=float))


def _lookup(values: Mapping[str, float | None]) -> Callable[[LanguageRow], float | None]:
    return lambda row: values.get(row.code)


def _text_size(row: LanguageRow) -> float:
    return float(np.log2(max(row.gib, _LEAST_TEXT)))


def _log_odds(share: float | None) -> float | None:
    if share is None:
        return None
    inside = min(max(share, 0.005), 0.995)
    return float(np.log(inside / (1 - inside)))
