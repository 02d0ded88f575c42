"""Packed batches: every row once, sequences of one width, nearly no room left over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from massive_kit.engine.batches import plan_batches
from massive_kit.engine.packed_batches import PackedPlaces, packed_batches, packed_size

WIDTH = 64
lengths = st.lists(st.integers(1, WIDTH), min_size=1, max_size=200).map(
    lambda values: np.array(values, np.int64)
)


@given(lengths, st.integers(1, 5), st.integers(0, 5))
def test_a_batch_fits_into_its_sequences(
    lengths: NDArray[np.int64], sequences: int, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(lengths))
    batches = packed_batches(lengths, order, WIDTH, sequences)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    sizes = [packed_size(lengths[rows], WIDTH) for rows in batches]
    assert all(size == sequences * WIDTH for size in sizes[:-1])
    assert sizes[-1] <= sequences * WIDTH


@given(lengths)
def test_places_are_those_of_whole_rows_one_after_another(lengths: NDArray[np.int64]) -> None:
    places = PackedPlaces.of(lengths, WIDTH)
    assert places.row.size == packed_size(lengths, WIDTH)
    inside = places.row < len(lengths)
    assert np.bincount(places.row[inside], minlength=len(lengths)).tolist() == lengths.tolist()
    assert places.row[inside].tolist() == np.repeat(np.arange(len(lengths)), lengths).tolist()
    within = np.concatenate([np.arange(length) for length in lengths])
    assert places.position[inside].tolist() == within.tolist()
    for sequence in places.row:
        # What fills up stands at the end, and no row goes on in the next sequence.
        assert (np.diff(sequence) >= 0).all()
    rows_of = [set(sequence[sequence < len(lengths)].tolist()) for sequence in places.row]
    assert sum(map(len, rows_of)) == len(lengths)


def test_a_row_that_no_sequence_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 64"):
        PackedPlaces.of(np.array([3, 65]), WIDTH)


def test_nearly_nothing_fills_up_a_run_of_short_rows() -> None:
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.gamma(6, 2, 20_000), 3, 128).astype(np.int64)
    plan = plan_batches(lengths, epochs=1, seed=0, tokens=4096, packing=128)
    assert plan.padding < 0.02
    assert set(plan.sizes[:-1]) == {4096}
    assert sorted(np.concatenate(plan.batches).tolist()) == list(range(20_000))


@given(lengths, st.integers(2, 3))
def test_every_rank_takes_as_many_steps(lengths: NDArray[np.int64], world: int) -> None:
    plans = [
        plan_batches(lengths, epochs=2, seed=0, tokens=128, rank=rank, world=world, packing=WIDTH)
        for rank in range(world)
    ]
    assert len({len(plan.batches) for plan in plans}) == 1
    taken = np.concatenate([np.concatenate(plan.batches) for plan in plans])
    assert set(taken.tolist()) == set(range(len(lengths)))
