"""A board whose systems have no score in some language, or none at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from massive_kit.publish.comment import comment
from massive_kit.publish.compare_data import system_script
from massive_kit.publish.pages.systems import badge
from massive_kit.publish.site import build, load_model
from tests.publish.boards import manifest
from tests.scoring.sparse_corpus import FIRST, GOLD, LOCALES, SECOND, evaluation

SILENT = {locale: ["Other", "Other"] for locale in LOCALES}
NOISY = {**SILENT, "de-DE": ["date", "Other"]}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ranked by slot F1, mean over languages; one task has slots, and one has not."""
    folder = tmp_path_factory.mktemp("absent") / "leaderboard"
    systems = {"right": GOLD, "first": FIRST, "second": SECOND}
    for name, side in systems.items():
        evaluation(side).save(folder / "results" / name / "1")
        manifest(folder / "results" / name / "1", name, "1", task="made-up")
    for name, side in {"silent": SILENT, "noisy": NOISY}.items():
        result = evaluation(side, gold=SILENT, intents=False)
        result.save(folder / "results" / name / "1")
        manifest(folder / "results" / name / "1", name, "1", task="made-up", setting="few-shot")
        path = folder / "results" / name / "1" / "scores.json"
        scores = json.loads(path.read_text()) | {"setting": "few-shot"}
        path.write_text(json.dumps(scores))
    for path in folder.rglob("labels.npz"):
        path.unlink()
    (folder / "board.yaml").write_text(
        "title: Absent\nmetric: slot_f1\naverage: macro_locales\ntie_break: [date]\n"
    )
    return folder


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "site"
    build(root, out)
    return out


def rows(site: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table of the site."""
    return list(json.loads((site / f"{name}.json").read_text())["rows"])


def test_a_system_without_a_score_comes_last_with_a_dash(root: Path, site: Path) -> None:
    lines = rows(site, "index.task-made-up-few-shot")
    assert [line["system"] for line in lines] == ["noisy@1", "silent@1"]
    assert (lines[0]["rank"], lines[0]["slot_f1"]) == (1, 0)
    assert (lines[1]["rank"], lines[1]["slot_f1"], lines[1]["exact_match"]) == (None, None, 1)
    assert {line["intent_accuracy"] for line in lines} == {None}
    with (site / "index.task-made-up-few-shot.csv").open(newline="") as stream:
        last = list(csv.DictReader(stream))[-1]
    assert (last["rank"], last["slot_f1"], last["slot_f1_low"]) == ("", "", "")
    page = (site / "systems/silent/1.html").read_text()
    assert "no score to rank by" in page
    assert "place" not in page.split("</h1>")[1].split("</p>")[0]
    model = load_model(root)
    (silent,) = (entry for entry in model.versions if entry.key == "silent@1")
    assert badge(model, silent)[1] == "no score"
    assert ">no score</text>" in (site / "systems/silent/1.svg").read_text()


def test_averages_say_over_how_many_languages_they_run(site: Path) -> None:
    lines = rows(site, "index.task-made-up-full")
    assert {line["system"]: line["slot_f1"] for line in lines} == {
        "right@1": 1,
        "second@1": pytest.approx(2 / 3),
        "first@1": pytest.approx(7 / 12),
    }
    for name in ("index.html", "averages.html", "systems/first/1.html"):
        text = (site / name).read_text()
        assert "Slot F1 is over 2 of 3 languages, as the others have no such score:" in text
    assert "Slot F1 is over" not in (site / "systems/second/1.html").read_text()
    (germanic,) = (row for row in rows(site, "systems/first/1.genus") if row["genus"] == "Germanic")
    assert (germanic["n"], germanic["slot_f1"]) == (1, 0.5)


def test_a_language_page_lists_systems_without_the_score_last(site: Path) -> None:
    lines = rows(site, "languages/nl-NL.task-made-up-full")
    assert lines[0]["system"] == "second@1"
    ranks = [(line["rank"], line["slot_f1"]) for line in lines]
    assert ranks == [(1, 0), (None, None), (None, None)]
    assert lines[1]["exact_match"] is not None


def test_pairs_are_compared_where_both_have_the_score(root: Path, site: Path) -> None:
    lines = {row["what"]: row for row in rows(site, "compare/right@1/first@1.differences")}
    assert lines["nl-NL"]["slot_f1"] is None
    assert lines["macro_locales"]["slot_f1"] == pytest.approx(7 / 12 - 1)
    # The mean slot F1 of these two runs over other languages; what is pooled counts all utterances.
    other = {row["what"]: row for row in rows(site, "compare/right@1/second@1.differences")}
    assert other["macro_locales"]["slot_f1"] is None
    assert other["macro_locales"]["exact_match"] == pytest.approx(-1 / 6, abs=1e-6)
    assert other["pooled"]["slot_f1"] == pytest.approx(8 / 9 - 1, abs=1e-6)


def test_the_comment_on_a_submission_shows_dashes(root: Path) -> None:
    entries = {entry.key: entry for entry in load_model(root).versions}
    silent, noisy = entries["silent@1"], entries["noisy@1"]
    assert "| pooled over utterances | \u2013 | \u2013 | 100.0" in comment(silent, [])
    assert "| System noisy 1 | \u2013 | \u2013 |" in comment(silent, [noisy])


def test_the_comparing_page_gets_nulls(root: Path) -> None:
    (first,) = (entry for entry in load_model(root).versions if entry.key == "first@1")
    script = system_script(first, "made-up")
    value = json.loads(script.removeprefix("massiveKit.receive(").removesuffix(");\n"))
    at = value["resampled"]["keys"].index("locale:nl-NL")
    assert value["resampled"]["point"][at][1] is None
    assert value["scores"]["locale:nl-NL"] == [1, None, 1]
