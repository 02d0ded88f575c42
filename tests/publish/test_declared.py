from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
import yaml

from massive_kit.errors import ConfigError
from massive_kit.publish.site import build
from massive_kit.publish.tables import BoardRow, filters_of
from massive_kit.schema.config import check
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.pretraining import Pretraining
from tests.publish.boards import shipped

TOLD = {
    "xlm-r-base-full": {"languages": ["de", "zh-Hant", "ja-JP"], "massive": True},
    "mt5-base-encoder-full": {"massive": False},
}


@pytest.fixture(scope="module")
def told_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper's rows as if they had declared what they saw and used."""
    root = tmp_path_factory.mktemp("told")
    shutil.copytree(shipped() / "results", root / "board" / "results")
    shutil.copy(shipped() / "board.yaml", root / "board" / "board.yaml")
    for system, pretraining in TOLD.items():
        path = root / "board" / "results" / system / "acl2023" / "manifest.yaml"
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        manifest |= {"pretraining": pretraining, "resources": ["lexicon", "morphology"]}
        path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    build(root / "board", root / "site")
    return root / "site"


def test_what_nobody_gave_is_said_so_and_long_lists_are_counted(tmp_path: Path) -> None:
    system = "xlm-r-base-full"
    shutil.copytree(shipped() / "results" / system, tmp_path / "board" / "results" / system)
    shutil.copy(shipped() / "board.yaml", tmp_path / "board" / "board.yaml")
    path = tmp_path / "board" / "results" / system / "acl2023" / "manifest.yaml"
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    manifest.pop("open_weights", None)
    manifest["pretraining"] = {"languages": ["de"] + [f"de-{letter}A" for letter in "ABCDEFGHIJKL"]}
    path.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    build(tmp_path / "board", tmp_path / "site")
    page = (tmp_path / "site" / "systems" / system / "acl2023.html").read_text(encoding="utf-8")
    facts = re.sub(r"<[^>]+>|\s+", " ", page)
    assert re.search(r"Open weights\s+not given", facts)
    assert re.search(r"Languages in pre-training\s+13 languages, listed in the manifest", facts)


def test_languages_go_by_any_tag() -> None:
    declared = Pretraining(languages=["de", "ZH-hant"])
    assert declared.saw("de-DE", "de") is True
    assert declared.saw("zh-TW", "zh", "zh-Hant") is True
    assert declared.saw("zh-CN", "zh", "zh-Hans") is False
    assert Pretraining(massive=True).saw("de") is None


def test_a_language_is_a_tag() -> None:
    manifest = yaml.safe_load(next(shipped().glob("results/*/*/manifest.yaml")).read_text())
    with pytest.raises(ConfigError, match="languages"):
        check(Manifest, {**manifest, "pretraining": {"languages": ["<b>"]}}, "manifest.yaml")


def test_rows_with_several_values_are_under_each() -> None:
    rows = [
        BoardRow([], {"resources": "lexicon + morphology"}),
        BoardRow([], {"resources": "none"}),
    ]
    (choice,) = filters_of(rows, {"resources": "Resources"})
    assert choice.options == ("lexicon", "morphology", "none")


def test_index_filters_by_what_was_used_and_seen(told_site: Path) -> None:
    text = (told_site / "index.html").read_text(encoding="utf-8")
    assert '<select data-facet="resources"><option value="">all</option><option>lexicon' in text
    assert 'data-resources="lexicon + morphology"' in text
    assert '<select data-facet="massive">' in text
    assert text.count("saw MASSIVE</span>") == 1


def test_pages_say_which_languages_were_seen(told_site: Path) -> None:
    with (told_site / "systems/xlm-r-base-full/acl2023.languages.csv").open(newline="") as stream:
        seen = {row["locale"]: row["seen_in_pretraining"] for row in csv.DictReader(stream)}
    assert {locale for locale, value in seen.items() if value == "seen"} == {
        "de-DE",
        "zh-TW",
        "ja-JP",
    }
    assert seen["km-KH"] == "not seen"
    with (told_site / "languages/de-DE.full.csv").open(newline="") as stream:
        by_system = {row["system"]: row["seen_in_pretraining"] for row in csv.DictReader(stream)}
    assert by_system["xlm-r-base-full@acl2023"] == "seen"
    assert by_system["mt5-base-encoder-full@acl2023"] == ""
    page = (told_site / "systems/xlm-r-base-full/acl2023.html").read_text(encoding="utf-8")
    assert "Saw MASSIVE before" in page
    assert '<span class="mark">full</span> <span class="mark" title="A bilingual' in page


def test_boards_that_declare_nothing_have_no_such_column(site: Path) -> None:
    header = (site / "languages/de-DE.full.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "seen" not in header
    assert 'data-facet="massive"' not in (site / "index.html").read_text(encoding="utf-8")
