"""The demo goes from text to a board of all languages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from massive_kit.files.jsonio import read_json
from massive_kit.languages import LanguageTable, groups
from massive_kit.publish.cells import size

# In so many of the 51 languages the system with pairs has so much more of the intents right.
MARGIN, MOST = 0.25, 45


@pytest.mark.slow
def test_the_main_job_end_to_end(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "massive_kit", "demo", "--out", "demo-out"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "machine-written text, not a benchmark" in done.stderr
    for title in ("By genus", "By family", "By script", "pooled over utterances"):
        assert title in done.stdout
    site = tmp_path / "demo-out" / "site"
    assert (site / "index.html").resolve().as_uri() in done.stdout
    results = tmp_path / "demo-out" / "leaderboard" / "results"
    for system in ("tiny-full", "tiny-zeroshot", "tiny-pairs"):
        facts = read_json(tmp_path / "demo-out" / "runs" / system / "run.json")
        manifest = yaml.safe_load((results / system / "1" / "manifest.yaml").read_text())
        assert manifest["parameters"]["total"] == facts["parameters"]
        assert manifest["date"] == facts["ended"][:10]
        assert manifest["architecture"] == "encoder"
        bare = facts["parameters_without_embeddings"]
        page = (site / "systems" / system / "1.html").read_text()
        assert f"{size(facts['parameters'])}, {size(bare)} without embeddings" in page
        assert f"{size(facts['parameters'])}</td>" in (site / "index.html").read_text()
    # What knows two languages carries English labels to most of the others.
    before, after = (
        _intents(tmp_path / "demo-out" / "scores" / name)
        for name in ("tiny-zeroshot", "tiny-pairs")
    )
    assert before.keys() == after.keys()
    assert sum(after[locale] - before[locale] >= MARGIN for locale in after) >= MOST
    assert "English labels, before and after pairs without labels" in done.stdout
    assert "Used beside the labels: parallel-text of 52 locales, 50 % of the ids" in done.stdout
    table = LanguageTable.shipped()
    for locale in table.languages:
        assert (site / "languages" / f"{locale}.html").is_file()
    for by in ("genus", "family", "script"):
        pages = list((site / "groups" / by).glob("*.html"))
        assert len(pages) == len(groups(table, by, table.languages))


def _intents(folder: Path) -> dict[str, float]:
    """The intent accuracy of each locale."""
    locales = read_json(folder / "scores.json")["locales"]
    return {locale: scores["intent_accuracy"]["value"] for locale, scores in locales.items()}
