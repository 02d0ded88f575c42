from __future__ import annotations

import numpy as np
import pytest

from massive_kit.analysis.forecast.assembling import assembled, named_languages
from massive_kit.analysis.forecast.errors_by_method import coverage, errors_by_method, others_mean
from massive_kit.analysis.forecast.forecasting import ForecastRequest, forecast
from massive_kit.analysis.forecast.language_blocks import Evidence, TokenFacts
from massive_kit.analysis.forecast.language_rows import LanguageRow, language_row
from massive_kit.analysis.forecast.system_scores import SystemScores
from massive_kit.errors import MassiveKitError
from massive_kit.languages import LanguageTable
from massive_kit.languages.typology.table import TypologyTable

TABLE = LanguageTable.shipped()
MEASURED = (
    *("de-DE", "nl-NL", "sv-SE", "es-ES", "it-IT", "pt-PT", "ru-RU", "pl-PL", "hi-IN", "bn-BD"),
    *("fa-IR", "tr-TR", "fi-FI", "hu-HU", "id-ID", "ja-JP"),
)


def row(given: str) -> LanguageRow:
    language = language_row(given, TABLE, TypologyTable.shipped())
    assert language is not None
    return language


def request(*targets: str, evidence: Evidence | None = None) -> ForecastRequest:
    measured = [row(code) for code in MEASURED]
    # As if text in the language decided everything.
    scores = [0.3 + 0.05 * float(np.log2(language.gib)) for language in measured]
    asked = [row(code) for code in targets]
    return ForecastRequest(measured, scores, asked, row("en-US"), evidence or Evidence())


def test_a_language_is_meant_by_locale_code_or_name() -> None:
    assert row("sw-KE") == row("sw") == row("swahili")
    assert row("sw").code == "sw-KE"
    assert (row("Yoruba").code, row("yo-NG").code, row("yo").name) == ("yo", "yo-NG", "Yoruba")
    assert language_row("xx-XX", TABLE, TypologyTable.shipped()) is None


def test_all_languages_are_those_of_the_tables_once() -> None:
    rows = named_languages(["all"], TABLE)
    codes = [row.code for row in rows]
    assert len(codes) == len({*codes}) > 2500
    assert {*TABLE.languages} < {*codes}


def test_what_decides_the_scores_is_found_and_forecast() -> None:
    result = forecast(request("fr-FR", "da-DK"))
    french, danish = result.targets
    assert french.value == pytest.approx(0.3 + 0.05 * np.log2(56.8), abs=0.03)
    assert french.low is not None
    assert french.high is not None
    assert french.low <= 0.3 + 0.05 * np.log2(56.8) <= french.high
    assert max(french.parts, key=lambda name: abs(french.parts[name])) == "text"
    assert french.nearest[0] in {"es-ES", "it-IT", "pt-PT"}
    assert danish.nearest[0] == "sv-SE"
    errors = {
        error.method: error.mean_absolute for error in errors_by_method(result.left_out, TABLE)
    }
    assert errors["forecast"] < errors["mean of all"] / 2
    assert coverage(result.left_out) > 0.8


def test_a_language_unlike_anything_measured_is_flagged_and_not_forecast() -> None:
    navajo, unknown = forecast(
        ForecastRequest(
            request().measured,
            request().scores,
            [row("nav"), LanguageRow("xq", "Xq", None, "", by_character=False, gib=0)],
            row("en-US"),
            Evidence(),
        )
    ).targets
    assert navajo.value is None
    assert any("text in CC-100" in reason for reason in navajo.unlike)
    assert unknown.unlike == ("not in the table of typology",)


def test_evidence_that_a_measured_language_lacks_is_not_used_and_said() -> None:
    some = {code: TokenFacts(1.5, 8.0, 0.0, 0.3) for code in MEASURED[1:]}
    result = forecast(request("fr-FR", evidence=Evidence(tokens=some)))
    assert result.unused == ("tokenizer",)
    assert "tokens" not in result.weights


def test_a_target_without_evidence_is_forecast_without_that_block() -> None:
    retrieval = {code: 0.2 + 0.04 * place for place, code in enumerate(MEASURED)}
    result = forecast(request("fr-FR", evidence=Evidence(retrieval=retrieval)))
    assert "retrieval" in result.weights
    assert "retrieval" not in result.targets[0].parts
    assert result.targets[0].lacking == ("retrieval",)
    # How far off such a forecast is, is measured without that block, too.
    plain = forecast(request("fr-FR"))
    poorer = result.left_out_without[("retrieval",)]
    assert [row.value for row in poorer] == [row.value for row in plain.left_out]


def test_scores_of_a_language_alone_are_those_of_its_locale() -> None:
    system = SystemScores("x", None, {code.partition("-")[0]: 0.5 for code in MEASURED})
    built = assembled(system, [system], [row("fr")], TABLE, Evidence())
    assert [language.code for language in built.request.measured] == [*MEASURED]
    assert built.request.evidence.systems["x"].keys() == {*MEASURED}


def test_more_languages_than_can_be_read_are_refused() -> None:
    many = dict.fromkeys([*TypologyTable.shipped().languages][:400], 0.5)
    with pytest.raises(MassiveKitError, match="300 at most"):
        assembled(SystemScores("x", None, many), [], [], TABLE, Evidence())


def test_a_language_alone_in_its_group_gets_the_mean_of_all_others() -> None:
    scores = np.array([0.0, 0.2, 0.7])
    assert others_mean(scores).tolist() == pytest.approx([0.45, 0.35, 0.1])
    assert others_mean(scores, ["a", "a", "b"]).tolist() == pytest.approx([0.2, 0.0, 0.1])
