"""An evaluation that was kept with `eval --out`, opened for a closer look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from massive_kit.errors import (
    ContentError,
    MassiveKitError,
    MissingDataError,
    Problem,
    UsageError,
)
from massive_kit.files import jsonio
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import Scores
from massive_kit.scoring.alignment import Aligned
from massive_kit.scoring.labels import load_labels
from massive_kit.scoring.statistics import SufficientStatistics
from massive_kit.scoring.stats_file import (
    LABELS_FILE,
    SCORES_FILE,
    STATS_FILE,
    load_stats_file,
    not_an_evaluation,
)


@dataclass(frozen=True)
class SavedEvaluation:
    """A folder with `scores.json`, and with `stats.npz` and `labels.npz` for what needs them.

    Attributes:
        folder: The folder.
        languages: The language table.
        extended: Whether a CSV of languages was given, which may put locales into other groups than
            those that the scores were kept with.
    """

    folder: Path
    languages: LanguageTable
    extended: bool = False

    @classmethod
    def open(cls, path: Path, languages: Path | None = None) -> SavedEvaluation:
        """The evaluation in a folder, or beside a `scores.json`.

        Raises:
            MissingDataError: There is none.
            ConfigError: The CSV of languages is wrong.
        """
        folder = path if path.is_dir() else path.parent
        if not (folder / SCORES_FILE).is_file():
            if path.is_file():
                raise not_an_evaluation(path)
            raise MissingDataError(
                f"{path} holds no {SCORES_FILE}; `massive-kit eval FILE --task TASK --out {path}`"
                " writes it"
            )
        return cls(folder, LanguageTable.load(languages), extended=languages is not None)

    @cached_property
    def scores(self) -> Scores:
        """The scores.

        Raises:
            MassiveKitError: `scores.json` is wrong.
        """
        path = self.folder / SCORES_FILE
        try:
            return Scores.model_validate(jsonio.read_json(path))
        except ValidationError as error:
            problems = [
                Problem(
                    str(path), f"{'.'.join(map(str, item['loc'])) or 'the file'}: {item['msg']}"
                )
                for item in error.errors()
            ]
            raise ContentError(f"{path} is not a {SCORES_FILE} of `eval --out`", problems) from None
        except ValueError as error:
            raise MassiveKitError(f"{path} is not JSON: {error}; evaluate again") from None

    @property
    def has_statistics(self) -> bool:
        """Whether there are counts; published systems have none."""
        return (self.folder / STATS_FILE).is_file()

    @cached_property
    def statistics(self) -> SufficientStatistics:
        """The counts."""
        return load_stats_file(self.folder / STATS_FILE).statistics

    @cached_property
    def aligned(self) -> Aligned:
        """Gold and predicted labels."""
        return load_labels(self.folder / LABELS_FILE)

    def chosen(self, locales: list[str]) -> tuple[str, ...]:
        """The locales asked for, or those that averages run over.

        Raises:
            UsageError: One of them was not scored.
        """
        scored = self.scores.locales
        matches = {locale: self.languages.match(locale, scored) for locale in locales}
        unknown = {locale: match for locale, match in matches.items() if not match.known}
        if unknown:
            hints = [match.hint for match in unknown.values() if match.hint]
            more = " ".join(hints) or f"there are {', '.join(scored)}"
            raise UsageError(f"{', '.join(unknown)} was not scored; {more}")
        wanted = tuple(dict.fromkeys(match.locale for match in matches.values()))
        return wanted or tuple(self.scores.averaged)

    def rows(self, locales: tuple[str, ...]) -> NDArray[np.int64]:
        """The rows of some locales."""
        gold = self.aligned.gold
        positions = [gold.locales.index(locale) for locale in locales]
        return np.flatnonzero(np.isin(gold.locale, positions))
