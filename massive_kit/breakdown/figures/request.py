"""What a figure is asked to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.breakdown.figures.sheet import Style
from massive_kit.languages import LanguageTable


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """What is asked for, whatever the kind.

    Attributes:
        sources: What is shown: folders of `eval --out`, `sweep.csv` or `probe.json`.
        names: What they are called.
        out: The file.
        metric: The score.
        by: The column of the language table that groups, or that scores are held against.
        locales: Only these, where any.
        columns: How many columns of a page it is wide.
        style: With colours, or in shades of grey.
        languages: The language table.
        languages_file: The user's rows of it.
    """

    sources: Sequence[Path]
    names: Sequence[str]
    out: Path
    metric: str
    by: str
    locales: Sequence[str]
    columns: int
    style: Style
    languages: LanguageTable
    languages_file: Path | None = None
