"""The curve through runs of a few-shot ladder."""

from __future__ import annotations

import numpy as np
import pytest

from massive_kit.breakdown.few_shot_ladder import fit_ladder, ladder_table
from massive_kit.languages import LanguageTable


def test_an_exact_curve_is_found_and_says_what_a_score_is_worth() -> None:
    shots = np.array([0, 1, 5, 10, 50])
    fit = fit_ladder(shots, 0.3 + 0.05 * np.log1p(shots))
    assert fit is not None
    assert fit.start == pytest.approx(0.3)
    assert fit.gain == pytest.approx(0.05)
    assert fit.gain_error == pytest.approx(0, abs=1e-9)
    assert fit.worth(0.3 + 0.05 * np.log1p(20)) == pytest.approx(20)
    assert fit.worth(0.1) == 0


def test_errors_are_those_of_least_squares() -> None:
    generator = np.random.default_rng(0)
    shots = np.repeat([0, 1, 5, 10, 50], 3)
    scores = 0.3 + 0.05 * np.log1p(shots) + generator.normal(0, 0.01, len(shots))
    fit = fit_ladder(shots, scores)
    assert fit is not None
    columns = np.stack([np.ones(len(shots)), np.log1p(shots)], 1)
    expected, left, *_ = np.linalg.lstsq(columns, scores)
    covariance = np.linalg.inv(columns.T @ columns) * left[0] / (len(shots) - 2)
    assert [fit.start, fit.gain] == pytest.approx(list(expected))
    errors = [fit.start_error, fit.gain_error]
    assert errors == pytest.approx(list(np.sqrt(np.diag(covariance))))


@pytest.mark.parametrize("shots", [[0, 5], [5, 5, 5], []])
def test_too_little_gives_no_curve(shots: list[int]) -> None:
    assert fit_ladder(shots, [0.5] * len(shots)) is None


def test_more_that_does_not_help_is_worth_nothing_that_can_be_said() -> None:
    fit = fit_ladder([0, 1, 5], [0.5, 0.4, 0.3])
    assert fit is not None
    assert fit.worth(0.6) is None


def test_a_table_has_a_row_for_each_locale() -> None:
    runs = {"pooled": [(0, 0.4), (1, 0.5), (1, 0.6), (5, 0.7)], "de-DE": [(0, 0.4), (1, 0.5)]}
    plain = fit_ladder([0, 1, 5], 0.3 + 0.1 * np.log1p([0, 1, 5]))
    assert plain is not None
    table = ladder_table("exact_match", "t", runs, LanguageTable.shipped(), plain={"pooled": plain})
    pooled, german = table.rows
    assert pooled[:5] == ("pooled", "", "40.0", "55.0 (7.1)", "70.0")
    assert pooled[-1] == f"{plain.worth(0.7):,.0f}"
    assert german[1] == "German"
    assert german[-3:] == ("-", "-", "-")


def test_runs_that_learnt_all_rows_have_a_column_and_no_part_in_the_curve() -> None:
    runs = {"pooled": [(0, 0.4), (1, 0.5), (5, 0.7)], "de-DE": [(0, 0.4), (1, 0.5)]}
    whole = {"pooled": [0.8, 0.9]}
    languages = LanguageTable.shipped()
    table = ladder_table("exact_match", "t", runs, languages, whole=whole)
    plain = ladder_table("exact_match", "t", runs, languages)
    pooled, german = table.rows
    assert pooled[5] == "85.0 (7.1)"
    assert german[5] == "-"
    assert [(*row[:5], *row[6:]) for row in table.rows] == [*plain.rows]
