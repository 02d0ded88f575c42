"""Forecasts as a leaderboard reads them."""

from __future__ import annotations

from massive_kit.analysis.forecast.assembling import Assembled
from massive_kit.analysis.forecast.errors_by_method import errors_by_method
from massive_kit.analysis.forecast.forecasting import Forecasts
from massive_kit.languages import LanguageTable
from massive_kit.schema.board_forecasts import BoardForecast, BoardForecasts
from massive_kit.schema.metrics import Metric


def board_forecasts(
    built: Assembled, result: Forecasts, languages: LanguageTable, metric: Metric, signature: str
) -> BoardForecasts:
    """What a leaderboard shows beside the scores of a system.

    Args:
        built: What was forecast from what.
        result: What came of it.
        languages: The language table.
        metric: What was forecast.
        signature: That of the system's scores.
    """
    forecasts = {
        row.language.code: BoardForecast(
            name=row.language.name,
            value=row.value,
            low=min(row.low, row.value),
            high=max(row.high, row.value),
        )
        for row in result.targets
        if row.value is not None and row.low is not None and row.high is not None
    }
    return BoardForecasts(
        signature=signature,
        metric=metric,
        level=built.request.level,
        error=min(errors_by_method(result.left_out, languages)[0].mean_absolute, 1.0),
        languages=forecasts,
        unlike={row.language.code: "; ".join(row.unlike) for row in result.targets if row.unlike},
    )
