"""Rows shared out by weight: numbers by hand, and properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.proportions import allotted, weights_by_size
from massive_kit.errors import UsageError


def test_weights() -> None:
    sizes = {"a": 100, "b": 400, "c": 0}
    assert weights_by_size(sizes, 1.0, {}) == {"a": 0.25, "b": 1.0, "c": 0.0}
    assert weights_by_size(sizes, 2.0, {"b": 3.0}) == {"a": 0.5, "b": 3.0, "c": 0.0}
    assert weights_by_size(sizes, math.inf, {}) == {"a": 1.0, "b": 1.0, "c": 0.0}


def test_what_one_may_not_have_goes_to_the_others() -> None:
    alike = dict.fromkeys("abc", 1.0)
    # UniMax: a budget of 90 in equal shares, each language's rows four times at the most.
    assert allotted(90, alike, {"a": 4, "b": 400, "c": 36}) == {"a": 4, "b": 50, "c": 36}
    assert allotted(1000, alike, {"a": 4, "b": 400, "c": 36}) == {"a": 4, "b": 400, "c": 36}
    assert allotted(10, alike, {"a": 9, "b": 9, "c": 9}) == {"a": 4, "b": 3, "c": 3}
    assert allotted(10, {"a": 3.0, "b": 1.0, "c": 0.0}, dict.fromkeys("abc", 99)) == {
        "a": 8,
        "b": 2,
        "c": 0,
    }
    with pytest.raises(UsageError, match="no language may have a row"):
        allotted(10, {"a": 0.0}, {"a": 5})


@given(
    st.integers(1, 500),
    st.dictionaries(
        st.text(max_size=3),
        st.tuples(st.sampled_from([0, 0.1, 1, 7]), st.integers(0, 100)),
        min_size=1,
    ).filter(lambda given: any(weight > 0 and most for weight, most in given.values())),
)
def test_adds_up_and_keeps_bounds(total: int, given_shares: dict[str, tuple[float, int]]) -> None:
    weights = {name: weight for name, (weight, _) in given_shares.items()}
    most = {name: count for name, (_, count) in given_shares.items()}
    counts = allotted(total, weights, most)
    assert all(0 <= counts[name] <= most[name] for name in counts)
    possible = sum(most[name] for name, weight in weights.items() if weight > 0)
    assert sum(counts.values()) == min(total, possible)
