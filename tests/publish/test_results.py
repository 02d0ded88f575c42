"""The results tree only grows, and whatever else happens to it is told."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from massive_kit.content import installed_root
from massive_kit.errors import SubmissionError, UsageError
from massive_kit.publish.results import add_result, load_results
from massive_kit.publish.results_check import check_results
from massive_kit.schema.manifest import Manifest

PUBLISHED = installed_root() / "leaderboard" / "results"


def manifest(version: str = "1", system: str = "mine", **values: object) -> Manifest:
    facts = {
        "system": system,
        "version": version,
        "title": "Mine",
        "team": "We",
        "task": "massive-full",
        "setting": "full",
        "date": "2026-01-31",
        "architecture": "encoder",
        **values,
    }
    return Manifest.model_validate(facts)


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    source = PUBLISHED / "xlm-r-base-full" / "acl2023" / "scores.json"
    value = json.loads(source.read_bytes())
    value["scorer"] = "massive-kit"
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(value))
    return path


@pytest.fixture
def stats(tmp_path: Path) -> Path:
    path = tmp_path / "stats.npz"
    np.savez_compressed(path, replicates=np.zeros(3))
    return path


@pytest.fixture
def tree(tmp_path: Path, scores: Path, stats: Path) -> Path:
    """A results tree with two versions, committed."""
    root = tmp_path / "repository" / "leaderboard" / "results"
    add_result(root, manifest("1"), scores, stats)
    add_result(root, manifest("2"), scores)
    git(root, "init", "--quiet", str(tmp_path / "repository"))
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "Two results")
    return root


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True)


def problems_of(root: Path, base: str | None = None) -> str:
    return "\n".join(map(str, check_results(root, base)))


def test_the_shipped_results_are_in_order() -> None:
    assert check_results(PUBLISHED) == []


def test_what_is_added_comes_back(tree: Path) -> None:
    results = load_results(tree)
    assert [result.manifest.version for result in results] == ["1", "2"]
    assert results[0].manifest == manifest("1")
    assert results[0].stats is not None
    assert results[1].stats is None
    assert check_results(tree, "HEAD") == []


def test_adding_the_same_again_changes_nothing(tree: Path, scores: Path, stats: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    add_result(tree, manifest("1"), scores, stats)
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before


def test_the_same_version_with_other_content_is_refused(
    tree: Path, scores: Path, stats: Path
) -> None:
    with pytest.raises(SubmissionError, match="cannot be added") as caught:
        add_result(tree, manifest("1", title="Better"), scores)
    assert len(caught.value.problems) == 2
    assert "new version" in str(caught.value)
    assert check_results(tree, "HEAD") == []


def test_scores_of_another_task_are_refused(tmp_path: Path, scores: Path) -> None:
    with pytest.raises(SubmissionError) as caught:
        add_result(tmp_path / "r", manifest(task="demo-full", setting="zero-shot"), scores)
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "r").exists()


def test_a_new_version_may_be_added(tree: Path, scores: Path) -> None:
    add_result(tree, manifest("3"), scores)
    add_result(tree, manifest("1", system="other"), scores)
    assert check_results(tree, "HEAD") == []


def test_a_removed_result_is_told(tree: Path) -> None:
    shutil.rmtree(tree / "mine" / "2")
    assert problems_of(tree) == ""
    assert problems_of(tree, "HEAD").count("was removed") == 3


def test_a_changed_file_is_told(tree: Path) -> None:
    path = tree / "mine" / "1" / "manifest.yaml"
    path.write_text(path.read_text().replace("Mine", "Best"))
    assert "hashes" in problems_of(tree)
    assert "was changed" in problems_of(tree, "HEAD")


def test_a_change_with_new_hashes_is_told(tree: Path, scores: Path, tmp_path: Path) -> None:
    shutil.rmtree(tree / "mine" / "2")
    add_result(tree, manifest("2", title="Best"), scores)
    assert problems_of(tree) == ""
    assert problems_of(tree, "HEAD").count("was changed") == 2


def test_a_file_added_to_a_closed_version_is_told(tree: Path, stats: Path) -> None:
    shutil.copy(stats, tree / "mine" / "2" / "stats.npz")
    assert "added to a closed version" in problems_of(tree, "HEAD")


def test_strange_files_and_links_are_told(tree: Path, tmp_path: Path) -> None:
    (tree / "notes.txt").write_text("x")
    (tree / "mine" / "1" / "run.sh").write_text("x")
    (tree / "mine" / "3").symlink_to(tree / "mine" / "1")
    words = problems_of(tree)
    assert words.count("does not belong here") == 3
    assert "a link" in words


def test_what_a_killed_add_left_is_no_version_and_is_told(tree: Path) -> None:
    left = tree / "mine" / ".3.x7k2"
    left.mkdir()
    (left / "manifest.yaml").write_text("system: mine")
    (tree / ".git" / "objects").mkdir(parents=True)
    assert [result.manifest.version for result in load_results(tree)] == ["1", "2"]
    assert problems_of(tree).splitlines() == [
        f"{left}: a hidden folder (remove it; an `add` that was stopped left it)"
    ]


def test_a_wrong_place_is_told(tree: Path) -> None:
    shutil.move(tree / "mine" / "2", tree / "mine" / "4")
    assert "the manifest is of mine 2" in problems_of(tree)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("manifest.yaml", "system: [", "scores|expected"),
        ("scores.json", "{", "not JSON"),
        ("scores.json", "{}", "Field required"),
    ],
)
def test_schemas_are_checked(tree: Path, name: str, content: str, words: str) -> None:
    (tree / "mine" / "1" / name).write_text(content)
    assert any(word in problems_of(tree) for word in words.split("|"))
    with pytest.raises(SubmissionError):
        load_results(tree)


def test_a_pickle_is_not_opened(tree: Path) -> None:
    path = tree / "mine" / "1" / "stats.npz"
    np.savez(path, evil=np.array([object()], dtype=object), allow_pickle=True)
    assert "without pickle" in problems_of(tree)


def test_a_bomb_is_not_unpacked(tree: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(65 << 20))
    (tree / "mine" / "1" / "stats.npz").write_bytes(buffer.getvalue())
    assert "bytes unpacked" in problems_of(tree)


def test_a_language_left_out_is_told(tree: Path, scores: Path) -> None:
    value = json.loads(scores.read_bytes())
    del value["locales"]["my-MM"]
    scores.write_text(json.dumps(value))
    add_result(tree, manifest("3"), scores)
    words = problems_of(tree)
    assert "no scores for my-MM" in words
    assert words.count("no scores for") == 1


@pytest.mark.parametrize("base", ["none-such", "--output=x", ""])
def test_a_revision_that_is_none(tree: Path, base: str) -> None:
    with pytest.raises(UsageError):
        check_results(tree, base)
