"""What a manifest says is plausible, and fits into what the board computes with."""

from __future__ import annotations

import datetime as dt

import pytest

from massive_kit.errors import ConfigError
from massive_kit.schema.config import check
from massive_kit.schema.manifest import Manifest


def manifest(**values: object) -> Manifest:
    known = {
        "system": "mine",
        "version": "1",
        "title": "Mine",
        "team": "We",
        "task": "massive-full",
        "setting": "full",
        "date": "2026-01-31",
        "architecture": "encoder",
    }
    return check(Manifest, {**known, **values}, "manifest.yaml")


@pytest.mark.parametrize(
    "values",
    [
        {"parameters": {"total": 99999999999999999999}},
        {"seeds": [2**63]},
        {"shots": 10**10},
        {"facts": {"x": 10**400}},
        {"facts": {"x": float("inf")}},
        {"in_context": {"model": "x", "decoding": {"seed": 10**400}}},
        {"measured": {"latency_p50_ms": 1e300}},
    ],
)
def test_numbers_that_no_board_can_hold_are_refused(values: dict[str, object]) -> None:
    (key,) = values
    with pytest.raises(ConfigError, match=rf"manifest.yaml: {key}\b"):
        manifest(**values)


def test_a_part_of_the_parameters_is_at_most_the_total() -> None:
    with pytest.raises(ConfigError, match="without_embeddings is 11, more than the total of 10"):
        manifest(parameters={"total": 10, "without_embeddings": 11})
    assert manifest(parameters={"total": 10, "without_embeddings": 10})


def test_a_date_is_a_day_that_has_been() -> None:
    for day in ("2099-01-01", "1999-12-31"):
        with pytest.raises(ConfigError, match=f"manifest.yaml: date is '{day}'; expected a day"):
            manifest(date=day)
    today = dt.datetime.now(dt.UTC).date()
    assert manifest(date=today + dt.timedelta(days=1)).date > today
    with pytest.raises(ConfigError, match=r"in_context\.dates\.0"):
        manifest(in_context={"model": "x", "dates": ["2099-01-01"]})


def test_a_pattern_is_described_in_words() -> None:
    with pytest.raises(ConfigError) as caught:
        manifest(system="My System", paper="ftp://x")
    assert "pattern" not in str(caught.value)
    assert "expected at most 64 characters of a-z, 0-9" in str(caught.value)
    assert "expected an address that begins with https://" in str(caught.value)
