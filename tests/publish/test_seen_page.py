"""Systems of all settings by what they had seen of the languages."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massive_kit.breakdown.replicate_comparison import load_replicates
from massive_kit.publish import declared, seen_parts
from massive_kit.publish.entries import Entry
from massive_kit.publish.paths import mean_page
from massive_kit.publish.site import load_model


def rows(site: Path) -> dict[str, dict[str, str]]:
    shown = {}
    for path in (site / "averages").glob("seen.data-*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            shown.update({row["system"]: row for row in csv.DictReader(stream)})
    return shown


def scores_of(board_root: Path, name: str) -> dict[str, Any]:
    path = board_root / "results" / name / "1" / "scores.json"
    scores: dict[str, Any] = json.loads(path.read_text())
    return scores


def test_means_run_over_what_was_seen_and_over_the_rest(site: Path, board_root: Path) -> None:
    shown = rows(site)["told-good@1"]
    folder = board_root / "results" / "told-good" / "1"
    replicates = load_replicates(folder / "stats.npz")
    assert replicates is not None
    locales = scores_of(board_root, "told-good")["locales"]
    # German labels were learnt, and Swahili text was seen.
    for name, locale in (
        ("learnt", "de-DE"),
        ("not_learnt", "sw-KE"),
        ("seen", "sw-KE"),
        ("not_seen", "de-DE"),
    ):
        assert shown[f"{name}_n"] == "1"
        value = locales[locale]["exact_match"]["value"]
        assert float(shown[name]) == pytest.approx(value, abs=1e-6)
        draws = replicates.scores(f"locale:{locale}", "exact_match")
        ends = [float(shown[f"{name}_{end}"]) for end in ("low", "high")]
        assert ends == pytest.approx(np.quantile(draws, [0.025, 0.975]).tolist(), abs=1e-5)
    assert shown["label_languages"] == "de-DE"


def test_a_mean_over_several_languages_is_theirs(site: Path, board_root: Path) -> None:
    shown = rows(site)["told-middle@1"]
    locales = scores_of(board_root, "told-middle")["locales"]
    values = [scores["exact_match"]["value"] for scores in locales.values()]
    assert float(shown["learnt"]) == pytest.approx(sum(values) / len(values), abs=1e-6)
    assert (shown["learnt_n"], shown["not_learnt_n"]) == ("2", "0")
    assert shown["not_learnt"] == ""
    # It says nothing of its pre-trained model.
    assert shown["seen"] == shown["seen_n"] == shown["not_seen"] == ""


def test_what_nobody_says_is_not_guessed(site: Path) -> None:
    shown = rows(site)
    assert "told-also-middle@1" not in shown
    assert "xlm-r-base-full@acl2023" not in shown
    text = (site / seen_parts.PATH).read_text(encoding="utf-8")
    assert "Without such means: 2 systems that do not say." in text
    assert "<b>x</b>" not in text


def test_a_zero_shot_system_has_the_labels_of_its_source(site: Path) -> None:
    shown = rows(site)["xlm-r-base-zero-shot@acl2023"]
    assert shown["label_languages"] == "en-US"
    assert (shown["learnt_n"], shown["not_learnt_n"]) == ("0", "50")
    assert shown["setting"] == "zero-shot"


def entry_of(board_root: Path, key: str) -> Entry:
    return next(entry for entry in load_model(board_root).versions if entry.key == key)


def test_target_labels_end_what_the_setting_says(board_root: Path) -> None:
    entry = entry_of(board_root, "xlm-r-base-zero-shot@acl2023")
    assert declared.learnt_languages(entry) == ["en-US"]
    used = entry.manifest.model_copy(update={"resources": ["target-labels"]})
    assert declared.learnt_languages(replace(entry, manifest=used)) is None
    said = used.model_copy(update={"label_languages": ["en-US", "de-DE"]})
    assert declared.learnt_languages(replace(entry, manifest=said)) == ["en-US", "de-DE"]


def test_the_view_is_a_choice_where_a_manifest_says_something(site: Path, lone_site: Path) -> None:
    link = 'href="../averages/seen.html"'
    assert link in (site / mean_page("pooled")).read_text(encoding="utf-8")
    assert not (lone_site / seen_parts.PATH).exists()
    assert link not in (lone_site / mean_page("pooled")).read_text(encoding="utf-8")
