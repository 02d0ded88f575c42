"""What changed on the board, as its git history tells."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from massive_kit.publish.history import history_of
from massive_kit.publish.site import build
from tests.publish.boards import BIDI, shipped

FULL = "results/xlm-r-base-full"
ZERO = "results/xlm-r-base-zero-shot"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A leaderboard folder below the top of a repository without a commit."""
    folder = tmp_path / "repository" / "leaderboard"
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main", str(folder.parent))
    return folder


def git(folder: Path, *arguments: str, day: str = "2026-01-01") -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    when = f"{day}T12:00:00Z"
    subprocess.run(
        ["git", "-C", str(folder), *name, *arguments],
        check=True,
        env={"PATH": "/usr/bin:/bin", "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when},
    )


def commit(root: Path, message: str, day: str) -> None:
    git(root, "add", "--all", ".")
    git(root, "commit", "--quiet", "-m", message, day=day)


def bring(root: Path, *names: str) -> None:
    for name in names:
        source = shipped() / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (root / name).parent.mkdir(exist_ok=True)
        copy(source, root / name)


def built(root: Path) -> tuple[str, list[dict[str, Any]]]:
    """The page, and the rows of its table of systems."""
    site = root.parent.parent / "site"
    build(root, site)
    rows = json.loads((site / "changes.systems.json").read_text())["rows"]
    return (site / "changes.html").read_text(), rows


def test_history_is_told_newest_first(root: Path) -> None:
    bring(root, "board.yaml", FULL, ZERO)
    commit(root, "Two systems", "2026-01-02")
    manifest = root / FULL / "acl2023" / "manifest.yaml"
    manifest.write_text(manifest.read_text() + "# mended\n")
    commit(root, "<b>Mended</b>" + BIDI, "2026-02-03")
    shutil.rmtree(root / ZERO)
    bring(root, "results/mt5-base-encoder-full")
    commit(root, "x" * 300, "2026-03-04")
    bring(root, "results/mt5-base-encoder-zero-shot")
    html, rows = built(root)
    told = [(row["date"], row["system"].split("@")[0], row["change"]) for row in rows]
    assert told == [
        ("2023-07-09", "mt5-base-encoder-zero-shot", "not committed"),
        ("2026-03-04", "mt5-base-encoder-full", "added"),
        ("2026-03-04", "xlm-r-base-zero-shot", "removed"),
        ("2026-02-03", "xlm-r-base-full", "changed"),
        ("2026-01-02", "xlm-r-base-full", "added"),
        ("2026-01-02", "xlm-r-base-zero-shot", "added"),
    ]
    assert [row["section"] for row in rows[:4]] == ["Zero-shot", "Full", None, "Full"]
    assert rows[2]["exact_match"] is None
    assert rows[1]["exact_match"] == pytest.approx(0.659, abs=0.01)
    assert "<b>Mended" not in html
    assert BIDI not in html
    assert "x" * 101 not in html
    assert "No git history" not in html
    site = root.parent.parent / "site"
    assert [row["date"] for row in json.loads((site / "changes.settings.json").read_text())["rows"]]
    assert len(history_of(root, "board.yaml").commits) == 1


def test_a_merge_counts_on_its_own_day(root: Path) -> None:
    bring(root, "board.yaml", FULL)
    commit(root, "One", "2026-01-02")
    git(root, "checkout", "--quiet", "-b", "more")
    bring(root, ZERO)
    commit(root, "Another", "2026-01-03")
    git(root, "checkout", "--quiet", "main")
    git(root, "merge", "--quiet", "--no-ff", "-m", "Merge more", "more", day="2026-05-06")
    _, rows = built(root)
    assert [row["date"] for row in rows] == ["2026-05-06", "2026-01-02"]


def test_a_cut_history_is_told(root: Path, tmp_path: Path) -> None:
    bring(root, "board.yaml", FULL)
    commit(root, "One", "2026-01-02")
    bring(root, ZERO)
    commit(root, "Another", "2026-02-03")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", root.parent.as_uri(), str(clone))
    site = tmp_path / "site"
    build(clone / "leaderboard", site)
    assert "A part of the history" in (site / "changes.html").read_text()
    rows = json.loads((site / "changes.systems.json").read_text())["rows"]
    assert {row["change"] for row in rows} == {"there by then"}


@pytest.mark.parametrize("committed", ["nothing", "other", "no repository"])
def test_without_history_the_page_says_so(root: Path, tmp_path: Path, committed: str) -> None:
    if committed == "no repository":
        shutil.rmtree(root.parent / ".git")
    elif committed == "other":
        (root.parent / "README").write_text("x")
        git(root.parent, "add", "README")
        git(root.parent, "commit", "--quiet", "-m", "x")
    bring(root, "board.yaml", FULL, ZERO)
    html, rows = built(root)
    assert "No git history" in html
    assert [row["change"] for row in rows] == ["dated", "dated"]
    assert not (tmp_path / "site" / "changes.settings.json").exists()


def test_a_machine_without_git_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(root, "board.yaml", FULL)
    commit(root, "One", "2026-01-02")
    monkeypatch.setenv("PATH", str(root))
    assert history_of(root).lacking == "git is not installed"
