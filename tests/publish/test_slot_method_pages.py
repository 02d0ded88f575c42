"""Systems side by side by how the data were made."""

from __future__ import annotations

import csv
import json
import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from massive_kit.breakdown.replicate_comparison import (
    OF_SLOT_METHODS,
    PairedDifference,
    Replicates,
    load_replicates,
    paired_differences,
)
from massive_kit.publish import slot_method_parts
from massive_kit.publish.paths import mean_page, slot_method_page
from massive_kit.publish.site import load_model
from massive_kit.schema.metrics import MAIN_METRICS, MEANS
from massive_kit.schema.scores import SLOT_METHODS
from massive_kit.scoring.significance import holm
from tests.publish.boards import TOLD_SYSTEMS

PARTS = ("translated", "localised", "unchanged")
SECTION = "task-demo-told-full"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def part_rows(site: Path, part: str) -> dict[str, dict[str, str]]:
    path = site / slot_method_page(part).replace(".html", f".{SECTION}.csv")
    return {row["system"]: row for row in rows(path)}


def test_parts_are_a_choice_like_the_means(site: Path) -> None:
    for mean in MEANS:
        text = (site / mean_page(mean)).read_text(encoding="utf-8")
        assert 'href="../averages/slot-methods.html"' in text
    overview = (site / slot_method_parts.OVERVIEW).read_text(encoding="utf-8")
    for part in PARTS:
        assert f'href="../{slot_method_page(part)}"' in overview
        text = (site / slot_method_page(part)).read_text(encoding="utf-8")
        assert 'href="../../averages/slot-methods.html"' in text
        assert text.count('aria-current="page"') == 1
    assert not (site / slot_method_page("mixed")).exists()
    # Sections whose systems carry nothing of this are left out.
    assert 'id="demo-full"' not in overview


def test_numbers_are_those_of_scores(site: Path, board_root: Path) -> None:
    overview = {row["system"]: row for row in rows(site / f"averages/slot-methods.{SECTION}.csv")}
    for name in TOLD_SYSTEMS:
        scores = json.loads((board_root / "results" / name / "1" / "scores.json").read_text())
        for part in PARTS:
            expected = scores["slot_methods"][part]
            shown = part_rows(site, part)[f"{name}@1"]
            for metric in MAIN_METRICS:
                assert float(shown[metric]) == pytest.approx(expected[metric]["value"], abs=1e-6)
                low = expected[metric]["low"]
                assert float(shown[f"{metric}_low"]) == pytest.approx(low, abs=1e-6)
            assert int(shown["utterances"]) == expected["n"]
            value = expected["exact_match"]["value"]
            assert float(overview[f"{name}@1"][part]) == pytest.approx(value, abs=1e-6)


def test_ranks_are_those_of_paired_tests_within_a_part(site: Path, board_root: Path) -> None:
    replicates = {}
    for name in TOLD_SYSTEMS:
        stats = board_root / "results" / name / "1" / "stats.npz"
        known = load_replicates(stats, OF_SLOT_METHODS)
        assert known is not None
        replicates[f"{name}@1"] = known
    assert len({known.weights for known in replicates.values()}) == 1
    ranges = set()
    for part in PARTS:
        shown = part_rows(site, part)
        order = [key for key in shown if shown[key]["exact_match"]]
        assert [shown[key]["rank"] for key in order] == ["1", "2", "3"]
        pairs = list(combinations(order, 2))
        p = [difference(replicates[first], replicates[second], part).p for first, second in pairs]
        adjusted = dict(zip(pairs, holm(np.array(p)), strict=True))
        for key in order:
            better = sum(second == key and p < 0.05 for (_, second), p in adjusted.items())
            worse = sum(first == key and p < 0.05 for (first, _), p in adjusted.items())
            expected = (str(1 + better), str(3 - worse))
            assert (shown[key]["rank_best"], shown[key]["rank_worst"]) == expected
            ranges.add(expected)
    assert len(ranges) > 1


def difference(first: Replicates, second: Replicates, part: str) -> PairedDifference:
    tests = paired_differences(first, second, [part])
    return next(test for test in tests if test.metric == "exact_match")


def test_intervals_are_those_of_the_kept_resamples(board_root: Path) -> None:
    folder = board_root / "results" / "told-good" / "1"
    scores = json.loads((folder / "scores.json").read_text())["slot_methods"]
    known = load_replicates(folder / "stats.npz", OF_SLOT_METHODS)
    assert known is not None
    assert known.keys == PARTS
    for part in PARTS:
        for metric in MAIN_METRICS:
            low, high = np.quantile(known.scores(part, metric), [0.025, 0.975])
            assert (low, high) == pytest.approx(
                (scores[part][metric]["low"], scores[part][metric]["high"]), abs=1e-6
            )
            assert known.score(part, metric) == pytest.approx(scores[part][metric]["value"])


def test_a_system_without_such_scores_says_so(site: Path) -> None:
    for part in PARTS:
        silent = part_rows(site, part)["told-silent@1"]
        assert silent["rank"] == silent["exact_match"] == silent["utterances"] == ""
    text = (site / slot_method_parts.OVERVIEW).read_text(encoding="utf-8")
    assert "Without such scores: 1 system" in text


def told_board(board_root: Path, tmp_path: Path) -> Path:
    for name in TOLD_SYSTEMS:
        shutil.copytree(board_root / "results" / name, tmp_path / "results" / name)
    (tmp_path / "board.yaml").write_text("title: Told\n")
    return tmp_path


def test_systems_scored_on_other_rows_have_no_place(board_root: Path, tmp_path: Path) -> None:
    root = told_board(board_root, tmp_path)
    path = root / "results" / "told-good" / "1" / "scores.json"
    scores = json.loads(path.read_text())
    scores["slot_methods"]["translated"]["n"] -= 1
    path.write_text(json.dumps(scores))
    model = load_model(root)
    (section,) = slot_method_parts.sections(model)
    assert [entry.key for entry in section.elsewhere] == ["told-good@1"]
    standings = slot_method_parts.standings(model, section, "localised")
    assert [standing.scored for standing in standings] == [True, True, False]
    assert standings[-1].entry.key == "told-good@1"
    assert {standing.low for standing in standings[:2]} == {1}


def test_scores_without_kept_resamples_have_places_by_score_alone(
    board_root: Path, tmp_path: Path
) -> None:
    root = told_board(board_root, tmp_path)
    for name in TOLD_SYSTEMS:
        (root / "results" / name / "1" / "stats.npz").unlink()
    model = load_model(root)
    (section,) = slot_method_parts.sections(model)
    standings = slot_method_parts.standings(model, section, "translated")
    assert all(standing.by_score_alone for standing in standings)


def test_a_board_whose_rows_do_not_say_has_no_such_page(lone_site: Path, tmp_path: Path) -> None:
    assert not (lone_site / slot_method_parts.OVERVIEW).exists()
    text = (lone_site / mean_page("pooled")).read_text(encoding="utf-8")
    assert "slot-methods" not in text
    assert set(PARTS) < set(SLOT_METHODS)
