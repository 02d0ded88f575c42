"""Forecasts on the board: apart from scores, in no mean and no rank."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from massive_kit.errors import SubmissionError
from massive_kit.publish.site import build
from tests.publish.boards import HOSTILE, shipped

SYSTEM = "xlm-r-base-zero-shot"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The shipped results, one of them without Khmer."""
    root = tmp_path / "leaderboard"
    shutil.copytree(shipped() / "results", root / "results")
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    path = root / "results" / SYSTEM / "acl2023" / "scores.json"
    scores = json.loads(path.read_text())
    del scores["locales"]["km-KH"]
    scores["averaged"].remove("km-KH")
    path.write_text(json.dumps(scores))
    return root


def forecast(root: Path, name: str = f"{SYSTEM}/acl2023.json", **changes: Any) -> Path:
    scores = json.loads((root / "results" / SYSTEM / "acl2023" / "scores.json").read_text())
    values = {
        "signature": scores["signature"],
        "metric": "exact_match",
        "level": 0.9,
        "error": 0.048,
        "languages": {
            "uk": {"name": HOSTILE["title"], "value": 0.48, "low": 0.37, "high": 0.59},
            "km-KH": {"name": "Khmer", "value": 0.3, "low": 0.2, "high": 0.4},
            "de-DE": {"name": "German", "value": 0.1, "low": 0.1, "high": 0.1},
        },
    }
    path = root / "forecasts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values | changes))
    return path


def test_forecasts_stand_apart_from_scores(root: Path, tmp_path: Path) -> None:
    build(root, tmp_path / "before")
    forecast(root)
    build(root, tmp_path / "after")
    before, after = tmp_path / "before", tmp_path / "after"
    # Nothing else on the board knows of them.
    for name in ("index.html", "averages.html", "results.json", "languages.html"):
        assert (before / name).read_bytes() == (after / name).read_bytes()
    page = f"systems/{SYSTEM}/acl2023"
    for table in ("averages", "languages", "genus"):
        name = f"{page}.{table}.json"
        assert (before / name).read_bytes() == (after / name).read_bytes()
    rows = json.loads((after / f"{page}.forecasts.json").read_text())["rows"]
    # German was measured.
    assert [row["locale"] for row in rows] == ["uk", "km-KH"]
    assert rows[0]["forecast_low"] == 0.37
    html = (after / f"{page}.html").read_text()
    assert "off by 4.8 points" in html
    assert "<script>alert" not in html
    khmer = json.loads((after / "languages/km-KH.zero-shot-forecasts.json").read_text())["rows"]
    assert [row["system"] for row in khmer] == [f"{SYSTEM}@acl2023"]
    assert not (after / "languages/de-DE.zero-shot-forecasts.json").exists()


def test_another_metric_is_not_shown(root: Path, tmp_path: Path) -> None:
    forecast(root, metric="slot_f1")
    build(root, tmp_path / "site")
    assert not list((tmp_path / "site").rglob("*forecasts*"))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (f"{SYSTEM}/acl2023.json", {"signature": "x"}, "made from other scores"),
        (f"{SYSTEM}/2.json", {}, "no such result"),
        (f"{SYSTEM}/acl2023.json", {"level": 2}, "level"),
        (
            f"{SYSTEM}/acl2023.json",
            {"languages": {"uk": {"name": "Ukrainian", "value": 0.9, "low": 0.1, "high": 0.2}}},
            "does not lie in its interval",
        ),
    ],
)
def test_wrong_forecasts_stop_the_build(
    root: Path, tmp_path: Path, name: str, changes: dict[str, Any], message: str
) -> None:
    forecast(root, name, **changes)
    with pytest.raises(SubmissionError) as caught:
        build(root, tmp_path / "site")
    assert message in str(caught.value)


def test_a_file_that_is_no_json_is_told(root: Path, tmp_path: Path) -> None:
    forecast(root).write_text("{")
    with pytest.raises(SubmissionError, match="not JSON"):
        build(root, tmp_path / "site")
