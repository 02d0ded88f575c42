"""What `massive-kit forecast --board` writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from massive_kit.analysis.forecast.assembling import Assembled
from massive_kit.analysis.forecast.board_file import board_forecasts
from massive_kit.analysis.forecast.forecasting import Forecasts
from massive_kit.analysis.forecast.system_scores import TableChoice
from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.errors import UsageError
from massive_kit.files import jsonio
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import Metric


@dataclass(frozen=True, slots=True)
class BoardTarget:
    """Where the forecasts of a board's result go.

    Attributes:
        path: The file.
        metric: What is forecast.
        signature: That of the result's scores.
    """

    path: Path
    metric: Metric
    signature: str

    @classmethod
    def of(cls, path: Path, scores: str, metric: str) -> BoardTarget:
        """The target, before anything is forecast.

        Args:
            path: The file.
            scores: The folder of the result.
            metric: What is to be forecast.

        Raises:
            UsageError: The scores are those of a table, or no board ranks by the metric.
        """
        if TableChoice.of(scores) is not None:
            raise UsageError(f"--board is for a result of a board, and {scores} is a table")
        known: tuple[Metric, ...] = get_args(Metric)
        for name in known:
            if name == metric:
                return cls(path, name, SavedEvaluation.open(Path(scores)).scores.signature)
        raise UsageError(f"--board: no board ranks by {metric}, but by {', '.join(known)}")

    def write(self, built: Assembled, result: Forecasts, languages: LanguageTable) -> None:
        """Writes the file.

        Args:
            built: What was forecast from what.
            result: What came of it.
            languages: The language table.
        """
        made = board_forecasts(built, result, languages, self.metric, self.signature)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        jsonio.write_json(self.path, made.model_dump(mode="json"))
