"""The table of `massive-kit fertility`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from massive_kit.breakdown.tables import Cell, Column, Table, columns
from massive_kit.schema.scores import Estimate

if TYPE_CHECKING:
    from massive_kit.analysis.fertility.language_text import LanguageText
    from massive_kit.analysis.fertility.measuring import Fertility
    from massive_kit.languages import LanguageTable

# Characters that a line names, the most frequent ones.
_SHOWN = 12
_NOTE = (
    "Tokens are words, in Japanese and Chinese characters. Unknown: percent of the subwords, and of"
    " the characters; in bytes: percent of the characters that are cut into their bytes."
)


def fertility_table(
    name: str,
    texts: Sequence[LanguageText],
    measured: Sequence[Fertility],
    against: str,
    languages: LanguageTable,
) -> Table:
    """A line for each language.

    Args:
        name: Of the tokenizer.
        texts: What was cut.
        measured: What came of each.
        against: The locale that all are compared with, among the texts or not.
        languages: For names and scripts.
    """
    rows: list[tuple[Cell, ...]] = []
    for text, facts in zip(texts, measured, strict=True):
        language = languages[text.locale]
        rows.append(
            (
                text.locale,
                language.name,
                language.get("script") or "-",
                text.source,
                facts.utterances,
                facts.subwords_per_token,
                facts.subwords_per_character,
                facts.relative_length,
                Estimate(value=facts.unknown_subword_share),
                Estimate(value=facts.unknown_character_share),
                Estimate(value=facts.in_bytes_share),
                _named(facts),
            )
        )
    numbers = [
        ("utterances", "utterances"),
        ("subwords_per_token", "subwords a token"),
        ("subwords_per_character", "a character"),
        ("relative_length", f"for one of {against}"),
        ("unknown_subwords", "unknown subwords"),
        ("unknown_characters", "unknown characters"),
        ("characters_in_bytes", "in bytes"),
    ]
    return Table(
        "fertility",
        f"Subwords by language: {name}",
        (
            *columns("locale", "language", "script", "text", numbers=numbers, decimals=2),
            Column("which", "which are unknown, how often", numeric=False),
        ),
        tuple(rows),
        (_NOTE,) if any(text.locale == against for text in texts) else (_NOTE, _nothing(against)),
    )


def _nothing(against: str) -> str:
    return (
        f"No length for one of {against}, which is not among these texts: --locale {against} adds"
        " it where the store has it, --against compares with another."
    )


def _named(facts: Fertility) -> str:
    most = facts.unknown_characters.most_common(_SHOWN)
    more = len(facts.unknown_characters) - len(most)
    shown = [f"{_visible(sign)} {times:,}" for sign, times in most]
    return ", ".join([*shown, *([f"{more:,} more"] if more else [])]) or "-"


def _visible(sign: str) -> str:
    """A character as a terminal can show it: marks and controls by their number."""
    plain = unicodedata.category(sign)[0] in "LNPS"
    return sign if plain else f"U+{ord(sign):04X}"
