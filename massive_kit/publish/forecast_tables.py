"""The tables of forecasts: greyed, with their own intervals, and without a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns, svg
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import Entry
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.text import safe_text
from massive_kit.schema.board_forecasts import BoardForecast, BoardForecasts
from massive_kit.schema.scores import Estimate

_CSS = "forecasts"


def system_forecasts_table(model: BoardModel, entry: Entry, root: str) -> BoardTable | None:
    """The languages that a system was not measured in; `None` where nothing is forecast."""
    made = model.forecasts.get(entry.key)
    if made is None or not made.languages:
        return None
    axis = _axis(made.languages)
    columns = [
        BoardColumn("language", "Language", "head", ("locale",)),
        cells.plot_column(axis, f"{cells.heading(made.metric)}, {_level(made)}"),
        _column(made),
    ]
    rows = [
        BoardRow(
            [
                _language(model, locale, forecast.name, root),
                cells.plot(axis, _estimate(forecast)),
                cells.estimate(_estimate(forecast)),
            ]
        )
        for locale, forecast in sorted(
            made.languages.items(), key=lambda item: (-item[1].value, item[0])
        )
    ]
    return BoardTable(
        "forecasts",
        f"Forecast {cells.in_sentence(made.metric)} in {counted(len(rows), 'language')} that this"
        " system was not measured in, in percent",
        columns,
        rows,
        order=("forecast", "descending"),
        notes=[
            "No measurements: they are in no mean and in no rank.",
            f"Intervals are made to hold {_level(made)} of cases.",
            (
                "In the measured languages, each left out in turn, such forecasts are off by"
                f" {100 * made.error:.1f} points in the mean."
            ),
        ],
        css=_CSS,
        search=len(rows) > shared_columns.FEW,
        title="Forecasts",
    )


def language_forecasts_table(
    model: BoardModel, ranked: RankedSection, locale: str, root: str
) -> BoardTable | None:
    """The systems of a section that were not measured in a language, but forecast."""
    made = {
        entry.key: (entry, forecasts, forecasts.languages[locale])
        for entry in ranked.entries
        if (forecasts := model.forecasts.get(entry.key)) and locale in forecasts.languages
    }
    if not made:
        return None
    axis = _axis({key: forecast for key, (_, _, forecast) in made.items()})
    _, first, _ = next(iter(made.values()))
    columns = [
        shared_columns.SYSTEM,
        cells.plot_column(axis, cells.heading(first.metric)),
        _column(first),
        BoardColumn("level", "Interval", "text", ("level",)),
    ]
    rows = [
        BoardRow(
            [
                shared_columns.system(model, entry, root),
                cells.plot(axis, _estimate(forecast)),
                cells.estimate(_estimate(forecast)),
                cells.text(_level(forecasts)),
            ]
        )
        for entry, forecasts, forecast in sorted(
            made.values(), key=lambda item: (-item[2].value, item[0].key)
        )
    ]
    return BoardTable(
        f"{ranked.section.id}-forecasts",
        f"{ranked.section.title}: {counted(len(rows), 'system')} forecast, not measured, in"
        f" {safe_text(model.name(locale))}, in percent",
        columns,
        rows,
        order=("forecast", "descending"),
        notes=["No measurements: they have no place."],
        css=f"systems {_CSS}",
        title=f"{ranked.section.title}, forecast",
    )


def _language(model: BoardModel, locale: str, name: str, root: str) -> BoardCell:
    if locale in model.locales:
        return shared_columns.language(model, locale, root)
    # Nobody was measured in it, so that it has no page.
    html = Markup("{} <code>{}</code>").format(safe_text(name), safe_text(locale))
    return BoardCell(html, (locale,), safe_text(name).casefold())


def _axis(forecasts: Mapping[str, BoardForecast]) -> svg.Axis:
    return svg.Axis.of(_estimate(forecast) for forecast in forecasts.values())


def _column(made: BoardForecasts) -> BoardColumn:
    return replace(
        cells.estimate_column(made.metric, title=f"{cells.heading(made.metric)}, forecast"),
        key="forecast",
        fields=("forecast", "forecast_low", "forecast_high"),
    )


def _estimate(forecast: BoardForecast) -> Estimate:
    return Estimate(value=forecast.value, low=forecast.low, high=forecast.high)


def _level(made: BoardForecasts) -> str:
    return f"{100 * made.level:g} %"
