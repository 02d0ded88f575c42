"""What forecasts were measured to be worth, on published scores and published distances."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.content import installed_root
from massive_kit.languages.typology.distances import KINDS, distances
from massive_kit.languages.typology.table import TypologyTable

pytestmark = pytest.mark.realdata
PUBLISHED = ("xlm-r-base", "mt5-base-encoder", "mt5-base-text-to-text")


def run(*words: str) -> Any:
    done = CliRunner().invoke(app, ["forecast", *words, "--format", "json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def folders() -> list[str]:
    results = installed_root() / "leaderboard" / "results"
    return [str(results / f"{name}-zero-shot" / "acl2023") for name in PUBLISHED]


def errors(result: Any) -> dict[str, float]:
    rows = result["errors"]["rows"]
    return {row["method"]: 100 * row["mean_absolute_error"]["value"] for row in rows}


def test_xlm_r_is_forecast_as_well_as_was_measured() -> None:
    result = run(folders()[0], "--for", "ca-ES")
    by_method = errors(result)
    assert by_method["forecast"] == pytest.approx(4.8, abs=0.15)
    assert by_method["mean of all"] == pytest.approx(9.3, abs=0.05)
    assert by_method["mean of script"] == pytest.approx(9.4, abs=0.05)
    assert by_method["mean of family"] == pytest.approx(8.7, abs=0.05)
    assert by_method["mean of genus"] == pytest.approx(7.1, abs=0.05)
    assert "88 % lie in their interval of 90 %." in result["errors"]["notes"]


def test_other_systems_make_the_forecast_better() -> None:
    assert errors(run(*folders(), "--for", "de-DE"))["forecast"] == pytest.approx(3.3, abs=0.15)


def test_sources_are_chosen_as_well_as_was_measured(shared_data: Path) -> None:
    path = shared_data / "forecast" / "massive_crosslingual.csv"
    rows = run("source", str(path), "--for", "ca-ES")["regret"]["rows"]
    mean = {row["rule"]: row for row in rows if row["model"] == "mean"}
    predicted = mean.pop("predicted")
    assert 100 * predicted["top_1"]["value"] == pytest.approx(2.8, abs=0.1)
    assert 100 * predicted["top_3"]["value"] == pytest.approx(1.4, abs=0.1)
    for rule in mean.values():
        assert rule["top_1"]["value"] > predicted["top_1"]["value"]
        if rule["top_3"] is not None:
            assert rule["top_3"]["value"] > predicted["top_3"]["value"]


def test_distances_are_those_of_urielplus(shared_data: Path) -> None:
    table = TypologyTable.shipped()
    ours, theirs = [], []
    with (shared_data / "forecast" / "uriel_distances.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            # Of these two URIEL knows the family under another code, which the table takes.
            if {row["locale_a"], row["locale_b"]} & {"nb-NO", "lv-LV"}:
                continue
            first, second = table.get(row["locale_a"]), table.get(row["locale_b"])
            assert first is not None
            assert second is not None
            ours.append(distances(first, [second])[0])
            theirs.append([float(row[kind] or "nan") for kind in KINDS])
    off = np.abs(np.array(ours) - np.array(theirs))
    kinds = dict(zip(KINDS, np.nanmax(off, axis=0), strict=True))
    # A great circle is not the angle between distances to 299 places.
    assert kinds.pop("geographic") < 0.25
    assert max(kinds.values()) < 0.001
