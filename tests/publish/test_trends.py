"""The best scores over time."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.publish.entries import Entry
from massive_kit.publish.results import load_results
from massive_kit.publish.site import build
from massive_kit.publish.trend import DatedResult, day_ticks, records, trend_plot
from massive_kit.schema.scores import Estimate
from tests.publish.boards import HOSTILE, shipped

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


@pytest.fixture(scope="module")
def some() -> Entry:
    return load_results(shipped() / "results")[0]


def result(some: Entry, day: str, score: float, system: str = "x", **more: Any) -> DatedResult:
    changes = {"date": dt.date.fromisoformat(day), "system": system, **more}
    entry = Entry(some.manifest.model_copy(update=changes), some.scores, some.folder)
    return DatedResult(entry, Estimate(value=score))


def test_records_are_better_than_all_before(some: Entry) -> None:
    results = [
        result(some, "2024-05-01", 0.6, "later"),
        result(some, "2024-01-01", 0.5, "first"),
        result(some, "2024-01-01", 0.4, "worse-of-the-day"),
        result(some, "2024-02-01", 0.5, "equal"),
        result(some, "2024-06-01", 0.55, "below"),
    ]
    best = [r.entry.manifest.system for r in records(results, "exact_match")]
    assert best == ["first", "later"]


@given(DAYS, st.integers(1, 4000))
def test_ticks_lie_between_the_days(first: dt.date, days: int) -> None:
    last = first + dt.timedelta(days=days)
    ticks = day_ticks(first, last)
    assert 1 <= len(ticks) <= 7
    assert all(first <= day <= last for day, _ in ticks)
    assert len({shown for _, shown in ticks}) == len(ticks)


def test_hostile_titles_are_text(some: Entry) -> None:
    results = [
        result(some, "2024-01-01", 0.5, title=HOSTILE["title"]),
        result(some, "2024-01-02", 1.0, "y"),
    ]
    drawing = trend_plot(results, results, caption="<c>", score="EM")
    assert "<script>" not in drawing
    assert "<c>" not in drawing


def dated(root: Path, days: dict[str, str]) -> Path:
    """The shipped results, some of them with another date."""
    shutil.copytree(shipped() / "results", root / "results")
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    for name, day in days.items():
        path = root / "results" / name / "acl2023" / "manifest.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"date": day}))
    return root


def test_sections_of_several_days_have_a_trend(tmp_path: Path) -> None:
    root = dated(
        tmp_path / "leaderboard",
        {"xlm-r-base-full": "2022-04-01", "mt5-base-encoder-full": "2022-06-01"},
    )
    build(root, tmp_path / "site")
    html = (tmp_path / "site" / "trend.html").read_text()
    assert html.count("<svg") == 1
    assert "The best score goes from" in html
    rows = json.loads((tmp_path / "site" / "trend.full.json").read_text())["rows"]
    assert [row["date"] for row in rows] == sorted((row["date"] for row in rows), reverse=True)
    scores = [row["exact_match"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert rows[-1]["gain"] is None
    # Published rows have no statistics, so that a difference has no interval.
    assert rows[0]["gain"] == pytest.approx(scores[0] - scores[1])
    assert rows[0]["gain_low"] is None


def test_results_of_one_day_have_none(tmp_path: Path) -> None:
    root = dated(tmp_path / "leaderboard", {})
    build(root, tmp_path / "site")
    assert not (tmp_path / "site" / "trend.html").exists()
    assert "trend.html" not in (tmp_path / "site" / "index.html").read_text()


def test_older_versions_count_and_gains_are_tested(site: Path) -> None:
    rows = json.loads((site / "trend.demo-full.json").read_text())["rows"]
    assert [row["system"] for row in rows] == ["good@1.0", "good@0.9"]
    assert rows[0]["gain_low"] < rows[0]["gain"] < rows[0]["gain_high"]
