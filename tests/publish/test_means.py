from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from massive_kit.publish.paths import mean_page
from massive_kit.publish.ranking import rank
from massive_kit.publish.site import load_model
from massive_kit.schema.metrics import MEANS
from massive_kit.schema.scores import Estimate


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_each_mean_has_a_page_that_leads_to_the_others(site: Path) -> None:
    pages = [mean_page(mean) for mean in MEANS]
    for page in pages:
        text = (site / page).read_text(encoding="utf-8")
        assert all(f'href="../{other}"' in text for other in pages)
        assert text.count('aria-current="page"') == 1
    overview = (site / "averages.html").read_text(encoding="utf-8")
    assert all(f'href="{page}"' in overview for page in pages)


def test_pooled_page_ranks_as_the_index_does(site: Path) -> None:
    index = rows(site / "index.demo-full.csv")
    pooled = rows(site / "averages/pooled.demo-full.csv")
    for name in ("system", "rank", "rank_best", "rank_worst", "exact_match", "exact_match_low"):
        assert [row[name] for row in index] == [row[name] for row in pooled]


def test_means_of_scored_systems_have_intervals_and_ranks(site: Path) -> None:
    for mean in MEANS:
        lines = {
            row["system"]: row
            for row in rows(site / mean_page(mean).replace("html", "demo-full.csv"))
        }
        good, bare = lines["good@1.0"], lines["bare@1"]
        assert good["rank"] == good["rank_best"] == good["rank_worst"] == "1"
        low, value, high = (float(good[f"exact_match{end}"]) for end in ("_low", "", "_high"))
        assert low < value < high
        assert bare["rank_best"] == ""


def test_published_rows_have_means_without_intervals(site: Path) -> None:
    (row, *_) = rows(site / "averages/worst-ten.full.csv")
    assert row["exact_match"]
    assert row["exact_match_low"] == ""
    assert len(row["worst"].split(", ")) == 10
    assert row["n"] == "10"


def test_mean_over_scripts_is_that_of_the_groups(board_root: Path) -> None:
    model = load_model(board_root)
    (ranked,) = (section for section in model.sections if section.section.id == "demo-full")
    for entry in ranked.entries:
        scores = ranked.mean(entry, "macro_scripts")
        assert scores is not None
        assert scores.exact_match is not None
        groups = [group.exact_match for group in entry.scores.groups["script"].values()]
        values = [group.value for group in groups if group is not None]
        if entry.manifest.system != "hostile":
            assert scores.exact_match.value == pytest.approx(sum(values) / len(values), abs=1e-6)


def test_speakers_name_their_source(site: Path) -> None:
    assert "Unicode CLDR" in (site / "averages/weighted-speakers.html").read_text(encoding="utf-8")


def test_order_is_that_of_the_mean(board_root: Path) -> None:
    model = load_model(board_root)
    (ranked,) = (section for section in model.sections if section.section.id == "demo-full")
    standings = rank(
        ranked.entries,
        model.board,
        {},
        "macro_scripts",
        lambda entry, _: None if entry.key == "good@1.0" else Estimate(value=0.5),
    )
    assert standings[-1].entry.key == "good@1.0"
    assert not standings[-1].scored
    assert all(standing.scored for standing in standings[:-1])


def test_results_carry_the_means(site: Path) -> None:
    results = json.loads((site / "results.json").read_text(encoding="utf-8"))["results"]
    by_key = {(result["system"], result["version"]): result["means"] for result in results}
    assert by_key["good", "0.9"] == {}
    assert by_key["xlm-r-base-full", "acl2023"]["weighted_speakers"]["exact_match"]["value"] > 0.5
