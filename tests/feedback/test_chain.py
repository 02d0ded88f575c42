"""The chain: exact where the answer is known, and against a dense solve and random walks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from massive_kit.feedback.chain import AbsorbingChain


def chain(
    edges: dict[tuple[int, int], int], successes: list[int], failures: list[int]
) -> AbsorbingChain:
    pairs = np.array([*edges], np.int64).reshape(-1, 2)
    counts = np.array([*edges.values()], np.int64)
    return AbsorbingChain(pairs[:, 0], pairs[:, 1], counts, np.array(successes), np.array(failures))


def random_chain(seed: int, states: int, edges: int) -> AbsorbingChain:
    generator = np.random.default_rng(seed)
    pairs = np.unique(generator.integers(0, states, (edges, 2)), axis=0)
    return AbsorbingChain(
        pairs[:, 0],
        pairs[:, 1],
        generator.integers(1, 9, len(pairs)),
        generator.integers(0, 4, states),
        generator.integers(0, 4, states),
    )


def dense(known: AbsorbingChain) -> NDArray[np.float64]:
    steps = np.zeros((len(known), len(known) + 2))
    np.add.at(steps, (known.before, known.after), known.counts)
    steps[:, -2], steps[:, -1] = known.successes, known.failures
    shares: NDArray[np.float64] = steps / known.totals[:, None]
    return shares


def test_a_ruined_gambler() -> None:
    # From fortune k of 4 with an even coin, k / 4 is the probability to win.
    edges = {(0, 1): 1, (1, 0): 1, (1, 2): 1, (2, 1): 1}
    known = chain(edges, [0, 0, 1], [1, 0, 0])
    assert known.absorption == pytest.approx(np.array([[1, 3], [2, 2], [3, 1]]) / 4, abs=1e-15)
    # The middle is reached from an end with one half.
    assert known.reaching([1])[:, 0] == pytest.approx([0.5, 1, 0.5], abs=1e-15)


@given(st.integers(0, 10_000), st.integers(2, 40))
@settings(max_examples=60, deadline=None)
def test_rows_sum_to_one_and_agree_with_a_dense_solve(seed: int, states: int) -> None:
    drawn = random_chain(seed, states, 3 * states)
    reaching = ~drawn.stranded
    every = AbsorbingChain(
        drawn.before, drawn.after, drawn.counts, drawn.successes + ~reaching, drawn.failures
    )
    assert not every.stranded.any()
    assert np.abs(every.absorption.sum(axis=1) - 1).max() < 1e-12
    shares = dense(every)
    system = np.eye(states) - shares[:, :-2]
    assert np.abs(every.absorption - np.linalg.solve(system, shares[:, -2:])).max() < 1e-10
    visits = np.linalg.inv(system)
    targets = [0, states - 1]
    expected = visits[:, targets] / visits[targets, targets]
    assert np.abs(every.reaching(targets) - expected).max() < 1e-10


def test_a_million_walks_end_as_computed() -> None:
    known = random_chain(5, 12, 30)
    shares = dense(known)
    walks = 1_000_000
    generator = np.random.default_rng(0)
    bounds = shares.cumsum(axis=1)
    bounds[:, -1] = 1
    at = np.full(walks, 0)
    for _ in range(2_000):
        walking = np.flatnonzero(at < len(known))
        if not len(walking):
            break
        drawn = generator.random(len(walking))
        at[walking] = (bounds[at[walking]] <= drawn[:, None]).sum(axis=1)
    expected = known.absorption[0]
    error = np.sqrt(expected[0] * expected[1] / walks)
    assert (at == len(known)).mean() == pytest.approx(expected[0], abs=5 * error)
    assert (at == len(known) + 1).mean() == pytest.approx(expected[1], abs=5 * error)


def test_states_that_can_reach_no_end_are_told() -> None:
    # 1 and 2 are a closed class; nothing leaves 4; 0 ends or is lost, half and half.
    edges = {(0, 1): 1, (1, 2): 3, (2, 1): 5, (3, 0): 1, (3, 4): 1}
    known = chain(edges, [1, 0, 0, 2, 0], [0, 0, 0, 0, 0])
    assert known.stranded.tolist() == [False, True, True, False, True]
    assert known.absorption[:, 0] == pytest.approx([0.5, 0, 0, 0.625, 0])
    assert known.absorption[:, 1].tolist() == [0] * 5
    reached = known.reaching([0, 1])
    assert reached[:, 0] == pytest.approx([1, 0, 0, 0.25, 0])
    assert reached[:, 1].tolist() == [0] * 5


def test_without_any_end_nothing_is_solved() -> None:
    known = chain({(0, 1): 1, (1, 0): 1}, [0, 0], [0, 0])
    assert known.stranded.all()
    assert known.absorption.tolist() == [[0, 0], [0, 0]]
    assert known.reaching([0]).tolist() == [[0], [0]]
    assert chain({}, [], []).absorption.shape == (0, 2)
