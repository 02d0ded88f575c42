from __future__ import annotations

import numpy as np
import pytest

from massive_kit.analysis.forecast.block_ridge import (
    BlockRidge,
    chosen_weights,
    inverted,
    jackknife_plus,
)
from massive_kit.analysis.forecast.blocks import Block, Columns, Neighbours

ROWS = 24


def some_blocks(generator: np.random.Generator) -> tuple[Block, ...]:
    columns = generator.normal(size=(ROWS + 1, 3))
    places = generator.normal(size=ROWS + 1)
    return (
        Columns("a", "a", ("one", "two", "three"), columns),
        Neighbours("near", "near", np.abs(places[:, None] - places), 0.5),
    )


def test_leave_one_out_in_closed_form_is_refitting() -> None:
    generator = np.random.default_rng(0)
    targets = generator.normal(size=ROWS) + 3
    values = generator.normal(size=(ROWS, 2))
    weight = 0.3
    kernel = weight * values @ values.T
    inverse = inverted(kernel)
    refitted = []
    for row in range(ROWS):
        rest = np.arange(ROWS) != row
        # Primal ridge with an intercept that no penalty holds.
        centre = values[rest].mean(axis=0)
        x = values[rest] - centre
        beta = np.linalg.solve(
            x.T @ x + np.eye(2) / weight, x.T @ (targets[rest] - targets[rest].mean())
        )
        refitted.append(targets[row] - targets[rest].mean() - (values[row] - centre) @ beta)
    model = BlockRidge(("a",), (weight,), 0.0, targets, inverse, ())
    assert model.residuals == pytest.approx(np.array(refitted))


def test_a_forecast_without_a_row_is_that_of_a_model_without_it() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=(5, 1))
    targets = generator.normal(size=4)
    rows = np.arange(4)
    model = BlockRidge.fit([Columns("a", "a", ("x",), values)], targets, rows)
    spread = Columns("a", "a", ("x",), values).standardised(rows)[:, 0]
    weight = model.weights[0]
    low, high = np.inf, -np.inf
    for row in rows:
        rest = rows[rows != row]
        x = spread[rest] - spread[rest].mean()
        slope = x @ targets[rest] / (x @ x + 1 / weight) if weight else 0.0
        new = targets[rest].mean() + slope * (spread[4] - spread[rest].mean())
        itself = targets[rest].mean() + slope * (spread[row] - spread[rest].mean())
        low = min(low, new - abs(targets[row] - itself))
        high = max(high, new + abs(targets[row] - itself))
    # With four rows an interval of 80 % reaches from the lowest end to the highest.
    forecast = model.predict(4, 0.8)
    assert (forecast.low, forecast.high) == pytest.approx((low, high))


def test_blocks_that_say_nothing_are_left_out_and_those_that_do_are_taken() -> None:
    generator = np.random.default_rng(2)
    useful, noise = generator.normal(size=(ROWS, 1)), generator.normal(size=(ROWS, 1))
    square = np.array([useful @ useful.T, noise @ noise.T])
    targets = useful[:, 0] * 2
    weights = chosen_weights(square, targets)
    assert weights[0] > 10
    assert weights[1] <= 1


def test_nothing_of_a_row_left_out_reaches_the_model() -> None:
    generator = np.random.default_rng(3)
    blocks = some_blocks(generator)
    targets = generator.normal(size=ROWS)
    before = BlockRidge.fit(blocks, targets, np.arange(ROWS))
    columns = blocks[0]
    assert isinstance(columns, Columns)
    columns.values[ROWS] = 1e6
    after = BlockRidge.fit(blocks, targets, np.arange(ROWS))
    assert before.weights == after.weights
    assert before.residuals == pytest.approx(after.residuals)


def test_intervals_hold_about_the_share_they_say() -> None:
    generator = np.random.default_rng(4)
    inside = []
    for _ in range(60):
        values = generator.normal(size=(26, 2))
        targets = values[:, 0] + generator.normal(size=26) * 0.5
        model = BlockRidge.fit([Columns("a", "a", ("x", "y"), values)], targets[:25], np.arange(25))
        forecast = model.predict(25, 0.8)
        inside.append(forecast.low <= targets[25] <= forecast.high)
    assert 0.7 <= np.mean(inside) <= 0.92


def test_too_few_rows_for_a_level_have_no_ends() -> None:
    assert jackknife_plus(np.zeros(5), np.ones(5), 0.9) == (-np.inf, np.inf)


def test_an_unknown_cell_counts_as_the_mean_and_an_unknown_row_is_unknown() -> None:
    values = np.array([[1.0, np.nan], [3.0, 4.0], [np.nan, np.nan]])
    block = Columns("a", "a", ("x", "y"), values)
    assert block.known().tolist() == [True, True, False]
    assert block.standardised(np.array([0, 1])).tolist() == [[-1, 0], [1, 0], [0, 0]]


def test_a_row_unlike_the_fitted_ones_has_more_leverage_than_any_of_them() -> None:
    values = np.append(np.linspace(-1, 1, ROWS), 9.0)[:, None]
    targets = values[:ROWS, 0] * 2
    model = BlockRidge.fit([Columns("a", "a", ("x",), values)], targets, np.arange(ROWS))
    assert model.predict(ROWS, 0.8).leverage > model.leverages.max()
