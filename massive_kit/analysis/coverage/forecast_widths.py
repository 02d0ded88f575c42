"""How sure forecasts are, as `massive-kit forecast --format json` tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.languages.world.table import WorldTable

# That of all the languages of the world has 3 MB.
_MOST_BYTES = 20_000_000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ForecastWidths:
    """How wide the intervals of forecasts are.

    Attributes:
        widths: By code of the language, in 0..1.
        refused: Codes of languages that are unlike anything measured, so that nothing was forecast.
    """

    widths: Mapping[str, float]
    refused: frozenset[str] = frozenset()

    def weight(self, code: str) -> float:
        """The width of a language's interval.

        The widest where nothing was forecast for being unlike anything measured, and the mean where
        nobody asked.
        """
        if code in self.refused:
            return max(self.widths.values(), default=1.0)
        mean = sum(self.widths.values()) / len(self.widths) if self.widths else 1.0
        return self.widths.get(code, mean)

    def words(self, code: str) -> str:
        """What a reason says of it; "" where nobody asked."""
        if code in self.refused:
            return "unlike anything measured, so that nothing is forecast"
        if code not in self.widths:
            return ""
        return f"its forecast's interval is {100 * self.widths[code]:.0f} points wide"


class _Loose(BaseModel):
    # A table has more columns than are read here.
    model_config = ConfigDict(extra="ignore")


class _Interval(_Loose):
    low: float | None = Field(ge=0, le=1, allow_inf_nan=False)
    high: float | None = Field(ge=0, le=1, allow_inf_nan=False)


class _Row(_Loose):
    locale: str
    forecast: _Interval | None


class _Rows(_Loose):
    rows: list[_Row]


class _File(_Loose):
    forecasts: _Rows


def read_forecast_widths(path: Path, world: WorldTable) -> ForecastWidths:
    """The widths in a file.

    Args:
        path: What `forecast --format json` printed.
        world: The world's languages.

    Raises:
        MissingDataError: There is no such file.
        ConfigError: It is none of that command.
    """
    if not path.is_file():
        raise MissingDataError(
            f"{path}: no such file; `massive-kit forecast --format json` prints it"
        )
    if path.stat().st_size > _MOST_BYTES:
        problem = Problem(str(path), f"{path.stat().st_size:,} bytes", f"{_MOST_BYTES:,} at most")
        raise ConfigError(f"{path} is too large for a forecast", [problem])
    try:
        held = _File.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problems = [
            Problem(f"{path}: {'.'.join(map(str, item['loc'])) or 'the file'}", item["msg"])
            for item in error.errors()[:_SHOWN]
        ]
        raise ConfigError(f"{path} is not a forecast of --format json", problems) from None
    widths: dict[str, float] = {}
    refused = set()
    for row in held.forecasts.rows:
        language = world.find(row.locale)
        if language is None:
            continue
        interval = row.forecast
        if interval is None or interval.low is None or interval.high is None:
            refused.add(language.code)
        else:
            widths[language.code] = abs(interval.high - interval.low)
    return ForecastWidths(widths, frozenset(refused))
