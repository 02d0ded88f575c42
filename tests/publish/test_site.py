from __future__ import annotations

import filecmp
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MassiveKitError, SubmissionError, UsageError
from massive_kit.publish.links import LinkCheck
from massive_kit.publish.pages import page_modules
from massive_kit.publish.site import build, load_model
from massive_kit.schema.board import load_board
from massive_kit.schema.metrics import MAIN_METRICS
from tests.publish.boards import HOSTILE, shipped
from tests.publish.conftest import BASE_URL

ATOM = "{http://www.w3.org/2005/Atom}"


def all_files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_built_twice_is_the_same(board_root: Path, site: Path, tmp_path: Path) -> None:
    build(board_root, tmp_path / "again", BASE_URL)
    names = all_files(site)
    assert names == all_files(tmp_path / "again")
    _, other, errors = filecmp.cmpfiles(site, tmp_path / "again", names, shallow=False)
    assert (other, errors) == ([], [])


def test_failed_build_leaves_the_old_site(board_root: Path, tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    root.mkdir()
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    shutil.copytree(shipped() / "results", root / "results")
    build(root, out)
    before = all_files(out)
    (root / "results/xlm-r-base-full/acl2023/scores.json").write_text("{}")
    with pytest.raises(MassiveKitError):
        build(root, out)
    assert all_files(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    (root / "templates").mkdir(parents=True)
    shutil.copy(shipped() / "board.yaml", root / "board.yaml")
    shutil.copytree(shipped() / "results", root / "results")
    text = (shipped() / "templates" / "about.html").read_text()
    (root / "templates" / "about.html").write_text(
        text.replace("<h1>", '<a href="{{ root }}nowhere.html">x</a><a href="#gone">y</a><h1>')
    )
    with pytest.raises(SubmissionError) as caught:
        build(root, out)
    assert [problem.where for problem in caught.value.problems] == ["about.html"] * 2
    assert not out.exists()


def test_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match="something else than a site"):
        build(shipped(), tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_anchors_that_occur_twice_are_found() -> None:
    check = LinkCheck()
    check.page("a.html", '<p id="x"></p><p id="x"></p>')
    assert len(check.problems({"a.html"})) == 1


def test_published_numbers_all_show(site: Path) -> None:
    for path in sorted(shipped().glob("results/*/*/scores.json")):
        scores = json.loads(path.read_text())
        system, version = path.parts[-3:-1]
        page = (site / "systems" / system / f"{version}.html").read_text()
        assert "published, original scorer" in page
        assert "as printed" in page
        rows = json.loads((site / f"systems/{system}/{version}.languages.json").read_text())["rows"]
        assert {row["locale"] for row in rows} == set(scores["locales"])
        for row in rows:
            for metric in MAIN_METRICS:
                assert row[metric] == scores["locales"][row["locale"]][metric]["value"]
                assert row[f"{metric}_low"] == scores["locales"][row["locale"]][metric]["low"]


def test_tree_of_published_rows_is_the_paper(shared_rows: dict[tuple[str, str], float]) -> None:
    assert len(shared_rows) == 6
    assert shared_rows["xlm-r-base-zero-shot", "exact_match"] == 0.387
    assert shared_rows["mt5-base-text-to-text-full", "exact_match"] == 0.666


@pytest.fixture
def shared_rows() -> dict[tuple[str, str], float]:
    model = load_model(shipped())
    return {
        (entry.manifest.system, "exact_match"): score.value
        for entry in model.versions
        if (score := entry.headline(model.board))
    }


def test_published_rows_claim_no_test(board_root: Path, site: Path) -> None:
    model = load_model(board_root)
    for ranked in model.sections:
        for standing in ranked.standings:
            if standing.entry.published:
                assert not standing.tested
    page = (
        site / "compare/mt5-base-text-to-text-full@acl2023/xlm-r-base-full@acl2023.html"
    ).read_text()
    assert "No paired test" in page
    assert 'data-key="p-exact_match"' not in page


def test_systems_that_no_test_tells_apart_share_a_band(board_root: Path) -> None:
    (ranked,) = [r for r in load_model(board_root).sections if r.section.id == "demo-full"]
    bands = {s.entry.manifest.system: (s.place, s.low, s.high) for s in ranked.standings}
    assert bands["good"] == (1, 1, 1)
    assert bands["middle"][1:] == bands["also-middle"][1:]
    low, high = bands["middle"][1:]
    assert low is not None
    assert high is not None
    assert low < high
    assert bands["bare"][1] is None
    assert bands["hostile"][1] is None
    poor = bands["poor"]
    assert poor[1] == poor[2]


def test_only_the_newest_version_stands_in_the_table(board_root: Path, site: Path) -> None:
    model = load_model(board_root)
    keys = [entry.key for ranked in model.sections for entry in ranked.entries]
    assert "good@1.0" in keys
    assert "good@0.9" not in keys
    assert "superseded" in (site / "systems/good/0.9.html").read_text()


class Tags(HTMLParser):
    """Notes what the policy of the site would have to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.unsafe: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        wrong = [name for name in known if name.startswith("on") or name == "style"]
        wrong += [v for v in known.values() if v and v.strip().lower().startswith("javascript:")]
        if wrong or (tag == "script" and "src" not in known) or tag in {"iframe", "style", "form"}:
            self.unsafe.append(f"{tag} {attrs}")


def test_manifests_render_as_text(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 150
    for path in pages:
        text = path.read_text()
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "\u202e" not in text
        assert "\u2066" not in text
        tags = Tags()
        tags.feed(text)
        assert tags.unsafe == []
    page = (site / "systems/hostile/1.html").read_text()
    assert "&lt;script&gt;alert(&#34;title&#34;)&lt;/script&gt;\\u202egnp.exe" in page
    assert "{{ 7 * 7 }}" in page
    assert f'href="{HOSTILE["paper"]}"' not in page


def test_names_in_scores_stay_in_the_site(site: Path) -> None:
    assert not list(site.parent.rglob("*evil*"))
    assert len(list((site / "languages").glob("x_*.html"))) == 1


def test_building_loads_no_deep_learning_library(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom massive_kit.cli.app import app\n"
        f"app(['leaderboard', 'build', '--out', {str(tmp_path / 's')!r}], standalone_mode=False)\n"
        "print([m for m in ('torch', 'transformers', 'datasets', 'evaluate', 'seqeval')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_table_holds_a_formula(site: Path) -> None:
    for path in site.rglob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for cell in line.split(","):
                assert not re.match(r'"?\s*[=+@\t]', cell), (path, line)
    bibtex = (site / "systems/hostile/1.bib").read_text()
    assert bibtex.count("@misc{") == 1


def test_bibtex_keeps_its_lines(site: Path) -> None:
    for name in ("about.html", "systems/good/1.0.html", "systems/hostile/1.html"):
        text = (site / name).read_text().partition('id="cite"')[2].partition("</pre>")[0]
        assert text.count("\n  ") > 3, name
    assert "<script>" not in (site / "systems/hostile/1.html").read_text()


def test_scripts_with_data_hold_no_markup(site: Path) -> None:
    for path in (site / "compare/data").glob("*.js"):
        assert "<" not in path.read_text()


def test_policy_forbids_all_but_the_site(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text()
        assert text.count("Content-Security-Policy") == 1
        assert "default-src &#39;none&#39;" in text
        for link in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', text):
            assert link.startswith(BASE_URL) or not re.match(r"[a-z]+:|//", link), (path, link)


def test_feed_sitemap_and_robots(site: Path) -> None:
    feed = ET.fromstring((site / "feed.xml").read_text())  # noqa: S314 - our own file
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 19
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 19
    assert all(
        (link := entry.find(f"{ATOM}link")) is not None and link.attrib["href"].startswith(BASE_URL)
        for entry in entries
    )
    sitemap = ET.fromstring((site / "sitemap.xml").read_text())  # noqa: S314 - our own file
    places = {element.text for element in sitemap.iter() if element.tag.endswith("loc")}
    assert f"{BASE_URL}index.html" in places
    assert f"{BASE_URL}404.html" not in places
    assert len(places) == len(list(site.rglob("*.html"))) - 1
    assert f"Sitemap: {BASE_URL}sitemap.xml" in (site / "robots.txt").read_text()


def test_404_links_back_from_any_depth(site: Path) -> None:
    text = (site / "404.html").read_text()
    assert f'href="{BASE_URL}index.html"' in text
    assert 'content="noindex"' in text


def test_groups_say_how_many_languages(site: Path) -> None:
    germanic = (site / "groups/genus/germanic.html").read_text()
    assert "mean over 8 languages" in germanic
    assert "mean over 7 languages" in germanic
    assert "One language." in (site / "groups/genus/bantoid.html").read_text()
    rows = json.loads((site / "groups.genus.json").read_text())["rows"]
    assert len([row for row in rows if row["genus"] != "no data"]) == 29
    assert sum(row["n"] == 1 for row in rows if row["genus"] != "no data") == 20


def test_about_speaks_of_the_boards_own_tasks(site: Path, lone_site: Path) -> None:
    about = (site / "about.html").read_text()
    assert "--task TASK" in about
    for task in ("massive-full", "mmnlu22-zeroshot", "demo-full"):
        assert f"<code>{task}</code>" in about
    assert "The corpus is parallel" in about
    assert "Burmese, Khmer and Thai are written without spaces" in about
    assert "Japanese and Mandarin are scored by character" in about
    assert "selected on English alone" in about


def test_about_of_a_board_of_one_task(tmp_path: Path, board_root: Path) -> None:
    root = tmp_path / "leaderboard"
    shutil.copytree(board_root / "results/good/1.0", root / "results/good/1.0")
    (root / "board.yaml").write_text("title: One task\n")
    build(root, tmp_path / "site")
    about = (tmp_path / "site" / "about.html").read_text()
    assert "validate predictions.jsonl --task demo-full<" in about
    assert "TASK" not in about
    assert "massive-full" not in about
    assert "copied from print" not in about


def test_language_page_tells_what_not_to_compare(site: Path) -> None:
    assert "Spaces by annotators." in (site / "languages/th-TH.html").read_text()
    assert "Scored by character." in (site / "languages/ja-JP.html").read_text()
    arabic = (site / "languages/ar-SA.html").read_text()
    assert 'lang="ar-Arab" dir="rtl">العربية' in arabic


def test_board_of_its_own_needs_no_templates(tmp_path: Path) -> None:
    (tmp_path / "leaderboard").mkdir()
    (tmp_path / "leaderboard" / "board.yaml").write_text("title: Mine\n")
    runner = CliRunner()
    command = ["--root", str(tmp_path), "leaderboard", "build", "--out", str(tmp_path / "site")]
    done = runner.invoke(app, [*command, "--format", "json"], env={"MASSIVE_KIT_ROOT": ""})
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["systems"] == 0
    assert "No system has been added yet" in (tmp_path / "site" / "index.html").read_text()


def test_results_may_lie_elsewhere(tmp_path: Path) -> None:
    results = tmp_path / "mine" / "results"
    shutil.copytree(shipped() / "results" / "xlm-r-base-full", results / "xlm-r-base-full")
    command = ["leaderboard", "build", "--results", str(results), "--format", "json"]

    def built(name: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        html = (tmp_path / name / "index.html").read_text(encoding="utf-8")
        return json.loads(done.stdout)["systems"], html

    systems, html = built("site")
    assert systems == 1
    assert "Mine" not in html
    (results.parent / "board.yaml").write_text("title: Mine\n")
    assert "Mine" in built("own")[1]
    done = CliRunner().invoke(app, [*command[:3], str(tmp_path / "nowhere")])
    assert isinstance(done.exception, MassiveKitError)
    assert "no such folder" in str(done.exception)


def test_wrong_board_is_told_at_once(tmp_path: Path) -> None:
    board = {"titel": "x", "metric": "bleu", "sections": [{"id": "A b", "title": "x", "tasks": []}]}
    (tmp_path / "board.yaml").write_text(yaml.safe_dump(board))
    with pytest.raises(MassiveKitError) as caught:
        load_board(tmp_path / "board.yaml")
    text = str(caught.value)
    assert "did you mean 'title'" in text
    for wrong in ("title", "metric", "sections.0.id", "sections.0.tasks"):
        assert wrong in text


def test_every_kind_of_page_is_built() -> None:
    made = {module.__name__.rsplit(".", 1)[-1] for module in page_modules()}
    assert made == {
        "about", "averages", "changes", "compare", "groups", "heatmap", "index", "ladder",
        "languages", "means", "seen", "slot_methods", "systems", "trade_offs", "trends",
    }  # fmt: skip
