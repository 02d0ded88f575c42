from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
import yaml

from massive_kit import content
from massive_kit.errors import ConfigError
from massive_kit.publish import embed
from massive_kit.publish.pages.systems import badge
from massive_kit.publish.release import citation_cff
from massive_kit.publish.results_file import results_json
from massive_kit.publish.site import load_model
from massive_kit.schema.board import load_board
from massive_kit.schema.board_results import BoardResults
from massive_kit.schema.task import Architecture, Setting
from tests.publish.boards import shipped
from tests.publish.conftest import BASE_URL

ROOT = Path(__file__).parents[2]
FORM = shipped() / "ci" / "evaluate-my-model.yml"


class Elements(HTMLParser):
    """What a fragment is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def published(root: Path, **values: object) -> Path:
    """The paper's rows on a board that says more of itself."""
    root.mkdir(parents=True)
    shutil.copytree(shipped() / "results", root / "results")
    board = yaml.safe_load((shipped() / "board.yaml").read_text(encoding="utf-8"))
    (root / "board.yaml").write_text(yaml.safe_dump({**board, **values}), encoding="utf-8")
    return root


def test_all_results_are_as_their_schema_says(board_root: Path) -> None:
    model = load_model(board_root, BASE_URL)
    text = results_json(model)
    read = BoardResults.model_validate_json(text)
    assert [(result.system, result.version) for result in read.results] == [
        (entry.manifest.system, entry.manifest.version) for entry in model.versions
    ]
    by_key = {(result.system, result.version): result for result in read.results}
    old, new = by_key["good", "0.9"], by_key["good", "1.0"]
    assert old.section is None
    assert old.rank is None
    assert new.rank is not None
    assert new.rank.best == 1
    (entry,) = (entry for entry in model.versions if entry.key == "good@1.0")
    assert new.averages == entry.scores.averages
    assert new.locales == entry.scores.locales
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_results_and_their_schema_stand_in_the_site(site: Path) -> None:
    results = json.loads((site / "results.json").read_text(encoding="utf-8"))
    schema = json.loads((site / "results-1.schema.json").read_text(encoding="utf-8"))
    assert set(results) == set(schema["properties"])
    assert all("description" in field for field in schema["properties"].values())
    for result in results["results"]:
        for name in ("page", "scores", "manifest"):
            assert (site / result[name]).is_file()
    assert yaml.safe_load((site / "CITATION.cff").read_text())["url"] == BASE_URL


def test_citation_names_a_release(tmp_path: Path) -> None:
    told = {
        "version": "2026.1",
        "date": "2026-11-27",
        "authors": ["FitzGerald, Jack", "The team: of it"],
        "doi": "10.5281/zenodo.1234",
        "url": "https://example.org/board/",
    }
    cff = yaml.safe_load(citation_cff(load_model(published(tmp_path / "board", **told), BASE_URL)))
    assert cff["cff-version"] == "1.2.0"
    assert (cff["version"], cff["doi"], cff["url"]) == ("2026.1", told["doi"], told["url"])
    assert cff["date-released"] == "2026-11-27"
    assert cff["authors"] == [
        {"family-names": "FitzGerald", "given-names": "Jack"},
        {"name": "The team: of it"},
    ]
    assert cff["license"] == "CC-BY-4.0"


def test_citation_of_a_board_that_says_nothing(lone_root: Path) -> None:
    cff = yaml.safe_load(citation_cff(load_model(lone_root)))
    assert {"cff-version", "message", "title", "authors"} <= set(cff)
    assert cff["authors"] == [{"name": "The authors of One system"}]
    assert cff["date-released"] == "2026-01-02"
    assert not {"doi", "url", "version", "license"} & set(cff)


def test_doi_is_a_doi(tmp_path: Path) -> None:
    path = tmp_path / "board.yaml"
    path.write_text("title: x\ndoi: https://doi.org/10.5281/zenodo.1\n")
    with pytest.raises(ConfigError, match="doi"):
        load_board(path)


def test_table_for_other_sites_runs_and_loads_nothing(board_root: Path) -> None:
    model = load_model(board_root, BASE_URL)
    for ranked in model.sections:
        read = Elements(embed.table(model, ranked))
        assert read.tags <= {
            *("figure", "table", "caption", "thead", "tbody", "tr", "th", "td"),
            *("a", "bdi", "figcaption"),
        }
        assert read.attributes <= {"class", "scope", "href"}
        assert all(link.startswith(BASE_URL) for link in read.links)
    assert Elements(embed.table(load_model(board_root), model.sections[0])).links == []


def test_badge_shows_the_interval(board_root: Path) -> None:
    model = load_model(board_root)
    (entry,) = (entry for entry in model.versions if entry.key == "good@1.0")
    score = entry.headline(model.board)
    assert score is not None
    assert score.low is not None
    assert f"({score.low * 100:.1f}–" in badge(model, entry)[1]


def test_issue_form_asks_for_what_a_manifest_needs() -> None:
    form = yaml.safe_load(FORM.read_text(encoding="utf-8"))
    asked = {part["id"]: part for part in form["body"] if "id" in part}
    options = {name: part["attributes"].get("options") for name, part in asked.items()}
    assert options["setting"] == [*get_args(Setting)]
    assert options["architecture"] == [*get_args(Architecture)]
    real = {name for name in content.names("tasks") if not name.startswith("demo")}
    assert set(options["task"]) == real
    own = ROOT / ".github" / "ISSUE_TEMPLATE" / FORM.name
    assert own.read_bytes() == FORM.read_bytes()


def test_about_leads_to_the_issue_form(tmp_path: Path) -> None:
    form = "https://github.com/owner/board/issues/new?template=evaluate-my-model.yml"
    assert load_board(published(tmp_path / "board", requests=form) / "board.yaml").requests == form
