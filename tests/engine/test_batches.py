"""Batches: every row once an epoch, within the budget, with little padding, on every rank."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from massive_kit.engine.batches import plan_batches

lengths = st.lists(st.integers(2, 60), min_size=1, max_size=200).map(
    lambda values: np.array(values, np.int64)
)


@given(lengths, st.integers(1, 3), st.integers(60, 400), st.integers(0, 5))
def test_every_rank_has_its_share_and_all_rows_are_seen(
    lengths: NDArray[np.int64], world: int, budget: int, seed: int
) -> None:
    plans = [
        plan_batches(lengths, epochs=2, seed=seed, tokens=budget, rank=rank, world=world)
        for rank in range(world)
    ]
    assert len({len(plan.batches) for plan in plans}) == 1
    for begin, end in zip([0, *plans[0].epoch_ends], plans[0].epoch_ends, strict=False):
        seen = np.concatenate([np.concatenate(plan.batches[begin:end]) for plan in plans])
        assert set(seen.tolist()) == set(range(len(lengths)))
    for plan in plans:
        for rows in plan.batches:
            assert lengths[rows].max() * len(rows) <= max(budget, lengths[rows].max())


def test_one_rank_sees_each_row_exactly_once_an_epoch() -> None:
    lengths = np.random.default_rng(0).integers(3, 40, 1000)
    plan = plan_batches(lengths, epochs=1, seed=0, tokens=512)
    assert sorted(np.concatenate(plan.batches).tolist()) == list(range(1000))


def test_padding_is_under_five_percent_and_order_is_random() -> None:
    rng = np.random.default_rng(0)
    lengths = np.maximum(3, rng.gamma(6, 2, 20_000)).astype(np.int64)
    plan = plan_batches(lengths, epochs=1, seed=0, tokens=2048)
    assert plan.padding < 0.05
    firsts = [int(lengths[rows].max()) for rows in plan.batches]
    assert abs(np.corrcoef(firsts[1:], firsts[:-1])[0, 1]) < 0.2


def test_epochs_differ_and_a_seed_repeats() -> None:
    lengths = np.full(100, 5)
    first = plan_batches(lengths, epochs=2, seed=0, rows=10)
    two = plan_batches(lengths, epochs=2, seed=0, rows=10)
    other = plan_batches(lengths, epochs=2, seed=1, rows=10)
    assert all((a == b).all() for a, b in zip(first.batches, two.batches, strict=True))
    assert any((a != b).any() for a, b in zip(first.batches, other.batches, strict=True))
    assert any((a != b).any() for a, b in zip(first.batches[:10], first.batches[10:], strict=True))


def test_a_part_of_an_epoch_is_a_part_of_its_batches() -> None:
    plan = plan_batches(np.full(100, 5), epochs=1.5, seed=0, rows=10)
    assert plan.epoch_ends == [10, 15]


def test_an_epoch_takes_one_of_several_copies() -> None:
    rng = np.random.default_rng(0)
    plan = plan_batches(rng.integers(3, 20, 60), epochs=3, seed=0, tokens=100, copies=2)
    begin = 0
    for epoch, end in enumerate(plan.epoch_ends):
        seen = sorted(np.concatenate(plan.batches[begin:end]).tolist())
        first = 30 * (epoch % 2)
        assert seen == list(range(first, first + 30))
        begin = end
